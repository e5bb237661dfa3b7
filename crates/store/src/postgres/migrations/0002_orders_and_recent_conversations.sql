-- Columns of the head that an account of before has not: they are null until its next change, and mean then that no
-- change was counted, that the last one was at changed_at, and that the account made no order of its own.
-- Nullable and without a default, so that no row is written anew.
ALTER TABLE pinfold_accounts
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
