# shellcheck shell=bash
# One namespace for the control plane with a bridge "lan", one for each node, joined by a veth pair.
# No interface has a way out: nothing that runs here can reach, or be reached from, another network.

# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# in_lan CMD...: runs CMD beside the control plane.
in_lan() { nsenter --net="/run/netns/$lan_netns" "$@"; }

# Forwarding between pods and nodes, and packet filter rules for traffic that stays on a bridge.
forwarding_on() {
    # These settings are a namespace's own. The second exists where bridge netfilter is part of the kernel; without it
    # a pod cannot reach itself through a Service.
    # shellcheck disable=SC2016 # The inner shell expands it.
    nsenter --net="/run/netns/$1" bash -euc 'echo 1 >/proc/sys/net/ipv4/ip_forward
        file=/proc/sys/net/bridge/bridge-nf-call-iptables; [ ! -e "$file" ] || echo 1 >"$file"'
}

network_up() {
    local nodes=$1 node other netns
    ip netns add "$lan_netns"
    ip -n "$lan_netns" link set lo up
    ip -n "$lan_netns" link add lan type bridge
    ip -n "$lan_netns" addr add "$lan_address/24" dev lan
    ip -n "$lan_netns" link set lan up
    ip -n "$lan_netns" route add "$service_range" dev lan
    forwarding_on "$lan_netns"
    for ((node = 0; node < nodes; node++)); do
        netns=$(node_netns "$node")
        ip netns add "$netns"
        ip -n "$netns" link set lo up
        ip -n "$lan_netns" link add "node$node" type veth peer name eth0 netns "$netns"
        ip -n "$lan_netns" link set "node$node" master lan up
        ip -n "$netns" addr add "$(node_address "$node")/24" dev eth0
        ip -n "$netns" link set eth0 up
        ip -n "$netns" route add default via "$lan_address"
        ip -n "$lan_netns" route add "$(pod_range "$node")" via "$(node_address "$node")"
        for ((other = 0; other < nodes; other++)); do
            [ "$other" = "$node" ] && continue
            ip -n "$netns" route add "$(pod_range "$other")" via "$(node_address "$other")"
        done
        forwarding_on "$netns"
    done
}

network_down() {
    local netns
    for netns in $(ip netns list | cut -d' ' -f1 | grep "^klamm-$id-"); do
        ip netns del "$netns"
    done
}
