//! Every key there is, in the order in which they are shown. A test compares this with the fields of `Config`.

use super::keys::Key;
use super::keys::Kind::{self, *};

/// The keys of one section stand together, the top ones first.
pub(super) const KEYS: &[Key] = &[
    key("listen", Addresses, "Where the REST plane listens."),
    key(
        "admin_listen",
        AddressOrNone,
        "Where `/metrics`, `/healthz` and `/readyz` are served; `\"\"` switches them off.",
    ),
    key(
        "drain_delay_seconds",
        CountOrZero,
        "How long a server that stops still serves, with `/readyz` saying no, so that balancers turn away first.",
    ),
    key(
        "otlp_endpoint",
        CollectorOrNone,
        "Collector that gets a span of each call, as OTLP over HTTP; `/v1/traces` is added to the URL.",
    ),
    key(
        "log",
        LogFilter,
        "What is logged: a level, or levels by module. Of the storage engine (`fjall`, `lsm_tree`) only warnings, unless it names them.",
    ),
    key("log_format", LogFormat, "How a line is written: for people, or as a JSON object."),
    key("body_bytes_max", Count, "The largest request body; a larger one answers 60002."),
    key(
        "calls_mib_max",
        Count,
        "Memory for the bodies of calls, which count five times while they are worked on, and for answers that are not read yet, \
         in MiB, those up to 16 KiB not counted. Further calls get 60018.",
    ),
    key(
        "heads_mib_max",
        Count,
        "Memory for the heads of requests, in MiB, the first 8 KiB of each connection not counted. Further ones are closed, or get 60018.",
    ),
    key("connections_max", Count, "Open connections of the REST plane."),
    key(
        "connections_per_address_max",
        CountOrZero,
        "Open connections of one IPv4 address or IPv6 /64; more are closed at once. Not for trusted proxies. 0 = no limit.",
    ),
    key(
        "allow_from",
        Ranges,
        "Addresses that may connect at all; others are closed at once, or get 60021 behind a trusted proxy. Empty = all.",
    ),
    key(
        "trusted_proxies",
        Ranges,
        "Addresses of proxies that are believed who is calling, by `X-Forwarded-For` or the PROXY protocol. Nobody else is.",
    ),
    key(
        "proxy_protocol",
        AddressesOrNone,
        "Those of `listen` where every connection must begin with a PROXY protocol header, version 1 or 2, from a trusted proxy.",
    ),
    key(
        "failed_signatures_per_minute_max",
        Count,
        "Failed signature checks of one address in a minute; after that it gets 70050 without any check.",
    ),
    key("tls.cert_file", Path, "PEM file with the certificate and its chain. Required if `[tls]` is there."),
    key("tls.key_file", Path, "PEM file with the certificate's private key. Required if `[tls]` is there."),
    key(
        "tls.client_ca_file",
        Path,
        "PEM file with authorities. If set, callers must present a certificate that one of them signed.",
    ),
    key(
        "store.url",
        StoreUrl,
        "Where data is kept: a directory, a PostgreSQL database that instances share, or memory, which is gone after a stop.",
    ),
    key(
        "store.cache_mib",
        Count,
        "Memory for decoded accounts, in MiB; over a database for copies, which it confirms.",
    ),
    key("store.password", Password, "Password for the database, instead of one in the URL. This or `password_file`."),
    key("store.password_file", Path, "File whose first line is the password for the database."),
    key(
        "store.connections_max",
        Count,
        "Connections of this instance to the database; up to half as many more while commits wait for it.",
    ),
    key("store.connect_ms", Count, "Time to connect to the database."),
    key("store.acquire_ms", Count, "Time to wait for a free connection; after that a call gets 50005."),
    key("store.statement_ms", Count, "Time for a statement; after that a call gets 50005."),
    key(
        "store.prepared_statements",
        Flag,
        "Prepared statements are about twice as fast. `false` for a pooler in transaction mode that does not know them.",
    ),
    key("store.migrate", Flag, "Whether a start creates or upgrades the tables. If not, `pinfold migrate` does."),
    key("timeouts.header_ms", Count, "Time for the whole head of a request."),
    key("timeouts.body_ms", Count, "Time for the whole body of a request."),
    key("timeouts.idle_ms", Count, "How long an idle connection is kept. Clients expect 75 s or more."),
    key(
        "timeouts.send_ms",
        Count,
        "How long a caller may let an answer wait unread; after once to twice that its connection is closed.",
    ),
    key("timeouts.answer_ms", Count, "Time for an answer. Clients send a call again after 10 s."),
    key("timeouts.drain_ms", Count, "Time for the requests in flight when the server stops."),
    key(
        "timeouts.backup_stall_ms",
        Count,
        "How long a reader of a backup may take nothing; after that the backup is ended.",
    ),
    key("timeouts.tls_handshake_ms", Count, "Time for the TLS handshake of a new connection."),
    key("app.sdkappid", Count, "The app's id. Required, and no two apps share one."),
    key("app.disabled", Flag, "A disabled app answers 60016 to every call."),
    key("app.edition", Edition, "`standard` refuses conversation groups and standard marks with 51013."),
    key("app.keys", Secrets, "Signing keys; any of them verifies, which is how keys are rotated. This or `keys_file`."),
    key("app.keys_file", Path, "File with the signing keys, one a line; `#` begins a comment line. This or `keys`."),
    key("app.administrators", AccountIds, "Accounts that may call. They count as imported."),
    key("app.accounts", Registration, "Whether accounts must be imported, or every well-formed id is accepted."),
    key(
        "app.chat_groups",
        Registration,
        "Whether chat groups must be registered, or every well-formed id is accepted.",
    ),
    key(
        "app.calls_per_second_max",
        CountOrZero,
        "Calls of each command in a second; more answer 60007. 0 = no limit. \
         Not set: 200, and 100 for `multiaccount_import`, `account_delete` and `account_check`.",
    ),
    key("app.allow_from", Ranges, "Addresses that may call; others get 60021. Empty = all."),
    key("app.limits.conversation_groups_max", CountOrZero, "Conversation groups of an account."),
    key("app.limits.name_bytes_max", Count, "Length of a conversation group's name."),
    key("app.limits.grouped_conversations_max", CountOrZero, "Conversations of an account that are in a group."),
    key("app.limits.marked_conversations_max", CountOrZero, "Conversations of an account that carry a mark."),
    key("app.limits.custom_mark_bytes_max", CountOrZero, "Length of a custom mark."),
    key("app.limits.conversations_per_update_max", Count, "Conversations in one update or mark call."),
    key("app.limits.conversations_per_create_max", CountOrZero, "Conversations in one create call."),
    key("app.limits.conversations_per_search_max", Count, "Conversations in one search call."),
    key("app.limits.pins_max", CountOrZero, "Pinned conversations of an account."),
];

const fn key(name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key { name, kind, meaning }
}
