# What stands before the commands of every document. The pinfold on PATH is the one that is tested.
set -euo pipefail
# Variables that are set on this machine for other servers.
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY "${!PG@}"
# A machine that tests is busy, and its disk too.
export PINFOLD_TIMEOUTS__ANSWER_MS=60000 PINFOLD_STORE__STATEMENT_MS=60000 PINFOLD_STORE__CONNECT_MS=60000
block=
trap 'ended=$?; stop; [ "$ended" = 0 ] || echo "failed: $block" >&2' EXIT

# A server goes to the background; what follows is run when it is ready.
pinfold() {
    case "${1-}" in
    dev) serving "$@" --listen 127.0.0.1:8080 ;;
    serve) shift && serve "$@" ;;
    reload) PINFOLD_ADMIN_LISTEN=127.0.0.1:9090 command pinfold "$@" ;;
    call) command pinfold "$@" --timeout-ms 60000 ;;
    *) command pinfold "$@" ;;
    esac
}

# Defaults of the configuration would be the same for every document.
serve() {
    local set_here
    set_here=$(command pinfold check-config "$@")
    if grep -q '^listen .*# default' <<<"$set_here"; then local -x PINFOLD_LISTEN=127.0.0.1:8080; fi
    if grep -q '^admin_listen .*# default' <<<"$set_here"; then local -x PINFOLD_ADMIN_LISTEN=127.0.0.1:9090; fi
    serving serve "$@"
}

serving() {
    local log
    log=$(mktemp "$SCRATCH/serving.XXXXXX")
    command pinfold "$@" >"$log.out" 2>"$log" &
    for _ in $(seq 600); do
        if grep -q ': started ' "$log"; then return 0; fi
        if ! kill -0 $! 2>/dev/null; then break; fi
        sleep 0.1
    done
    cat "$log" >&2
    return 1
}

# Ends the servers that were started, for documents that say so: <!-- run
stop() {
    local servers
    servers=$(pidof pinfold)
    [ -z "$servers" ] || kill $servers 2>/dev/null || true
    wait
}

# The servers of this document, and no other on this machine.
pidof() {
    jobs -p
}

# The machine is left as it is.
sudo() {
    echo "$*: mark the block: sh not-run: REASON" >&2
    return 1
}
systemctl() { sudo systemctl "$@"; }
docker() { sudo docker "$@"; }

# The binary stands for one that would be built first.
cargo() {
    [ "$1 $2 $3" = "run --release --" ] || { echo "cargo $*: only cargo run --release -- … is known here" >&2; return 1; }
    shift 3
    pinfold "$@"
}
