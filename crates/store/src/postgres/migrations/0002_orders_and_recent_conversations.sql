-- New columns. In rows written before this migration they are null, life for good and the others until the next change of
-- the account: no change was counted, the time of the last one is changed_at, and the account has no order of its own.
-- They are nullable and have no default, so that the database rewrites no row.
--
-- Two new kinds of rows: entries of recent conversations, 6 with an account and 7 with a chat group. The key is the life
-- of the account in 16 hexadecimal digits, followed by the id of the peer; changed_at is the time of the last message.
-- Entries have no version: of two times the later one is kept. An entry whose life is not that of the head is never
-- read, and is removed later.
ALTER TABLE pinfold_accounts
    -- a random number, drawn when the account is created and kept until it is deleted; null means 0
    ADD COLUMN life bigint,
    -- the number of changes of the account
    ADD COLUMN revision bigint,
    -- the time of the last one, Unix milliseconds
    ADD COLUMN newest_ms bigint,
    -- the numbers of the conversation groups in the account's order; empty where they ascend
    ADD COLUMN group_order bigint[],
    -- the same of the pins, by the numbers of the changes that pinned them
    ADD COLUMN pin_order bigint[],
    -- conversation groups: a text of the app's own (UTF-8); null for none
    ADD COLUMN data bytea;

-- The time of the last message in a chat group, registered or not: one row for all who have it in their lists.
CREATE TABLE pinfold_chat_group_times (
    app bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (app, id)
);
