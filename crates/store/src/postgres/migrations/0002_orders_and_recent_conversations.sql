-- New columns. In rows written before this migration they are null, life for good and the others until the next change of
-- the account: no change was counted or kept, the time of the last one is changed_at, and the account has no order of its
-- own. They are nullable and have no default, so that the database rewrites no row.
--
-- New kinds of rows. The key of each begins with the life of the account in 16 hexadecimal digits; one whose life is not
-- that of the head is never read, and is removed later.
-- 6, 7: an entry of recent conversations, with an account or a chat group. The id of the peer follows in the key;
--       changed_at is the time of the last message. Entries have no version: of two times the later one is kept.
-- 8:    a change of the account. Its number follows in the key, in 8 hexadecimal digits, and stands in change;
--       changed_at is its time in Unix milliseconds, data the whole change.
-- 9:    a change that waits to be sent to the backend of its app, under the key of the change. Its number stands in change,
--       its time in changed_at as there; what is sent is the row of kind 8.
ALTER TABLE pinfold_accounts
    -- a random number, drawn when the account is created and kept until it is deleted; null means 0
    ADD COLUMN life bigint,
    -- the number of changes of the account
    ADD COLUMN revision bigint,
    -- the time of the last one, Unix milliseconds
    ADD COLUMN newest_ms bigint,
    -- the first of the changes that are kept without a gap up to the last one; 0 and null: the last one was not kept
    ADD COLUMN history_from bigint,
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

-- What waits to be sent, most of the time nothing. No column that an update touches may stand here, not even in the
-- condition: the rows of accounts would lose their cheap updates within a page.
CREATE INDEX pinfold_unsent ON pinfold_accounts (app, account, key) WHERE kind = 9;

-- Whether sending to the backend of an app is paused; no row: it is not.
CREATE TABLE pinfold_webhooks (
    app bigint PRIMARY KEY,
    paused boolean NOT NULL
);

-- Which instance sends the changes of a share of the accounts of an app. Numbers of 64 bits, compared for equality only.
CREATE TABLE pinfold_webhook_leases (
    app bigint NOT NULL,
    share smallint NOT NULL,
    -- a random number of the instance; 0: none
    holder bigint NOT NULL,
    serial bigint NOT NULL,
    -- an instance that has too few shares; 0: none
    wanted_by bigint NOT NULL,
    PRIMARY KEY (app, share)
);

-- Commits the changes of one account: all of them, or none and false where another commit came first. One call is one
-- statement on the shard of the account, and its statements are planned once a session. Every one of them names the
-- account, and rows are written one by one: a sharded database takes an INSERT with a SELECT apart.
CREATE FUNCTION pinfold_commit(
    _app bigint,
    _account text,
    -- the version that the account must have; null: there must be no account
    _base bigint,
    -- the new head; nick and face_url are null where they stay what they are
    _change bigint,
    _changed_at bigint,
    _version bigint,
    _imported boolean,
    _last_conversation_group bigint,
    _grouped bigint,
    _marked bigint,
    _repeated bytea,
    _nick bytea,
    _face_url bytea,
    _revision bigint,
    _newest_ms bigint,
    _group_order bigint[],
    _pin_order bigint[],
    _life bigint,
    _history_from bigint,
    -- rows that are removed
    _removed_kinds smallint[],
    _removed_keys text[],
    -- of an entry the time that it has or had before; a later one stays. Null for the others
    _removed_times bigint[],
    -- rows that are written, an array for each column
    _kinds smallint[],
    _keys text[],
    _changes bigint[],
    _times bigint[],
    _labels bytea[],
    _standard bigint[],
    -- as text, because arrays of arrays must be square
    _conversation_groups text[],
    _data bytea[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF _base IS NULL THEN
        INSERT INTO pinfold_accounts (app, account, kind, key, change, changed_at, version, imported,
            last_conversation_group, grouped, marked, repeated, nick, face_url, revision, newest_ms, group_order,
            pin_order, life, history_from)
        VALUES (_app, _account, 0, '', _change, _changed_at, _version, _imported, _last_conversation_group, _grouped,
            _marked, _repeated, _nick, _face_url, _revision, _newest_ms, _group_order, _pin_order, _life, _history_from)
        ON CONFLICT (app, account, kind, key) DO NOTHING;
    ELSE
        UPDATE pinfold_accounts SET change = _change, changed_at = _changed_at, version = _version,
            imported = _imported, last_conversation_group = _last_conversation_group, grouped = _grouped,
            marked = _marked, repeated = _repeated, nick = coalesce(_nick, nick),
            face_url = coalesce(_face_url, face_url), revision = _revision, newest_ms = _newest_ms,
            group_order = _group_order, pin_order = _pin_order, life = _life, history_from = _history_from
        WHERE app = _app AND account = _account AND kind = 0 AND key = '' AND version = _base;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    FOR n IN 1 .. cardinality(_removed_keys) LOOP
        DELETE FROM pinfold_accounts
        WHERE app = _app AND account = _account AND kind = _removed_kinds[n] AND key = _removed_keys[n]
            AND (_removed_times[n] IS NULL OR changed_at <= _removed_times[n]);
    END LOOP;
    FOR n IN 1 .. cardinality(_keys) LOOP
        INSERT INTO pinfold_accounts (app, account, kind, key, change, changed_at, label, standard,
            conversation_groups, data)
        VALUES (_app, _account, _kinds[n], _keys[n], _changes[n], _times[n], _labels[n], _standard[n],
            _conversation_groups[n]::integer[], _data[n])
        ON CONFLICT (app, account, kind, key) DO UPDATE SET change = excluded.change,
            changed_at = CASE WHEN excluded.kind IN (6, 7)
                THEN greatest(pinfold_accounts.changed_at, excluded.changed_at) ELSE excluded.changed_at END,
            label = excluded.label, standard = excluded.standard,
            conversation_groups = excluded.conversation_groups, data = excluded.data;
    END LOOP;
    RETURN true;
END
$$;
