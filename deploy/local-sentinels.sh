#!/usr/bin/env bash
# Redis under Sentinel to try things on: a primary, two replicas and three sentinels on this machine, for as long as the script runs.
# Usage: deploy/local-sentinels.sh [first port, 7101 unless given]; it takes six ports.
set -euo pipefail
source "$(dirname "$0")/local-servers.sh"
first=${1:-7101}

for ((port = first; port < first + 3; port++)); do
    mkdir "$folder/$port"
    follow=()
    ((port == first)) || follow=(--replicaof 127.0.0.1 "$first")
    # A primary that is cut off from both replicas takes no writes that would be lost once one of them is promoted.
    serve "$port" --port "$port" --bind 127.0.0.1 --dir "$folder/$port" --appendonly yes --save "" --daemonize no --logfile redis.log \
        --min-replicas-to-write 1 --min-replicas-max-lag 10 "${follow[@]}"
done
sentinels=()
for ((port = first + 3; port < first + 6; port++)); do
    printf '%s\n' "port $port" "bind 127.0.0.1" "dir $folder" "logfile sentinel-$port.log" "sentinel monitor orders 127.0.0.1 $first 2" \
        "sentinel down-after-milliseconds orders 5000" "sentinel failover-timeout orders 30000" >"$folder/sentinel-$port.conf"
    serve "$port" "$folder/sentinel-$port.conf" --sentinel
    sentinels+=("127.0.0.1:$port")
done
address="redis+sentinel://$(IFS=,; echo "${sentinels[*]}")/orders"
echo "Redis: $address"
echo "cano-bridge serve --samples --redis $address"
wait
