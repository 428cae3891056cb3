# What local-cluster.sh and local-sentinels.sh share: servers of a script, in a folder, that end with it.
folder=$(mktemp -d)
pids=()

finish() {
    trap '' EXIT INT TERM
    # Each by its own id: other servers of this machine are none of ours.
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$folder"
}
trap finish EXIT INT TERM

# Starts redis-server with these arguments after the first, which is its port, and waits until it answers.
serve() {
    redis-server "${@:2}" &
    pids+=($!)
    until redis-cli -p "$1" ping >/dev/null 2>&1; do
        sleep 0.1
        kill -0 "${pids[-1]}" 2>/dev/null || { echo "The server on port $1 has ended: is the port taken?" >&2; exit 1; }
    done
}
