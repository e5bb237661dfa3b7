-- Which of these files a database has had.
CREATE TABLE pinfold_migrations (
    number bigint PRIMARY KEY,
    name text NOT NULL,
    migrated_at timestamptz NOT NULL DEFAULT now()
);

-- Everything that is kept for an account, side by side under its key, so that one range scan reads it and one
-- shard holds it. Kinds: 0 head (one an account, its key is empty), 1 conversation group (key: its number),
-- 2 and 3 pins, 4 and 5 records; the even kind is a one-to-one conversation, the odd one a chat group.
-- Texts that people choose are bytea (UTF-8): they may hold a zero byte, which the type text cannot.
CREATE TABLE pinfold_accounts (
    app bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    key text COLLATE "C" NOT NULL,
    -- head: number of the last change; records and pins: number of the change that made them what they are
    change bigint,
    -- head: the newest time of any record; records and pins: time of that change, Unix seconds
    changed_at bigint,
    -- records: the custom mark; conversation groups: the name
    label bytea,
    -- records: the 64 standard marks, bit n = mark n
    standard bigint,
    conversation_groups integer[],
    -- the columns from here on belong to the head
    version bigint,
    imported boolean,
    last_conversation_group bigint,
    grouped bigint,
    marked bigint,
    repeated bytea,
    nick bytea,
    face_url bytea,
    PRIMARY KEY (app, account, kind, key)
);

-- The register of chat groups. Serial numbers count from 1 in each app, without gaps.
CREATE TABLE pinfold_chat_groups (
    app bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    serial bigint NOT NULL,
    kind text NOT NULL,
    name bytea NOT NULL,
    owner text,
    created_at bigint NOT NULL,
    destroyed boolean NOT NULL,
    PRIMARY KEY (app, id)
);
CREATE UNIQUE INDEX pinfold_chat_groups_serial ON pinfold_chat_groups (app, serial);

CREATE TABLE pinfold_chat_group_counts (
    app bigint PRIMARY KEY,
    last_serial bigint NOT NULL,
    live bigint NOT NULL
);
