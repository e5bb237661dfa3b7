-- Columns of the head that an account of before has not: they are null until its next change, and mean then that no
-- change was counted, that the last one was at changed_at, and that the account made no order of its own.
-- Nullable and without a default, so that no row is written anew.
--
-- Two more kinds of rows, 6 and 7 by the rule of the others: entries of recent conversations. A key is the life of the
-- account in 16 hexadecimal digits and the id of the peer, changed_at the time of the last message. They belong to no
-- version: of two times the later one is kept. An entry of another life than the head's is not there, and is swept.
ALTER TABLE pinfold_accounts
    -- drawn when the account is created and kept until it is deleted; null, which is 0, for an account of before
    ADD COLUMN life bigint,
    -- how many changes the account had
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
