# shellcheck shell=bash disable=SC2034 # The other parts use these names.
# Names and paths that every part shares. One test cluster = one run directory; its id keeps several of them apart.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/klamm"
run="${KLAMM_KUBE_DIR:-/tmp/klamm-kube}"
bin="$run/bin" # links to the programs that this cluster was started with
volumes_per_node=12
id=$(printf %s "$run" | sha256sum | cut -c1-6)

kubernetes_version=1.34.4
coredns_version=1.12.4
helm_version=3.18.6

# Addresses live inside our own network namespaces only: equal ones elsewhere do not matter.
lan_address=10.77.0.1
service_range=10.96.0.0/16
service_api=10.96.0.1
node_address() { echo "10.77.0.$((10 + $1))"; }
pod_range() { echo "10.78.$1.0/24"; }

lan_netns="klamm-$id-lan"
node_netns() { echo "klamm-$id-node$1"; }
cgroup="klamm-$id"

# Caches and run directory belong to the machine's owner; everything below needs root for namespaces and mounts.
say() { printf 'kube: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# The number of nodes of the running cluster; nothing when none is up.
nodes_up() { [ -e "$run/up" ] && cat "$run/up"; }

# eventually SECONDS WHAT CMD...: asks CMD until it succeeds; fails with the last of its words after SECONDS.
eventually() {
    local seconds=$1 what=$2 end=$((SECONDS + $1))
    shift 2
    until "$@" >"$run/last-answer" 2>&1; do
        if [ "$SECONDS" -ge "$end" ]; then
            tail -n 5 "$run/last-answer" >&2
            die "$what: not within $seconds s (logs: $run/logs)"
        fi
        sleep 0.2
    done
}
