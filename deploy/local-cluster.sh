#!/usr/bin/env bash
# A Redis Cluster to try things on: three primaries and three replicas on this machine, for as long as the script runs.
# Usage: deploy/local-cluster.sh [first port, 7001 unless given]; it takes six ports, and those 1,000 higher.
set -euo pipefail
source "$(dirname "$0")/local-servers.sh"
first=${1:-7001}

nodes=()
for ((port = first; port < first + 6; port++)); do
    mkdir "$folder/$port"
    serve "$port" --port "$port" --bind 127.0.0.1 --dir "$folder/$port" --appendonly yes --save "" --daemonize no \
        --cluster-enabled yes --cluster-node-timeout 5000 --cluster-port "$((port + 1000))" --logfile redis.log
    nodes+=("127.0.0.1:$port")
done
redis-cli --cluster create "${nodes[@]}" --cluster-replicas 1 --cluster-yes >"$folder/create.log" || { cat "$folder/create.log" >&2; exit 1; }
address="redis://$(IFS=,; echo "${nodes[*]}")"
echo "Redis: $address"
echo "cano-bridge serve --samples --prefix '{cano}' --redis $address"
wait
