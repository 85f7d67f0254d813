# shellcheck shell=bash
# One node: a containerd and a kubelet in a mount namespace of their own, and a proxy.
# Their fixed places (/var/lib/kubelet, /run/containerd, …) are the node's own directories there: nodes do not see
# each other's, the machine sees none, and every mount goes when the last process goes.

# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

node_places=(/var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers /run/containerd)

# What the kubelet wants to find in /proc/sys. These are the machine's, not ours: it is shown copies instead.
node_kernel=(vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000)

# Runs inside of the new mount namespace, before the node's first process.
node_mounts() {
    local own=$1/own place pair copy
    mount --make-rshared /
    for place in "${node_places[@]}"; do
        mkdir -p "$own$place" "$place"
        mount --bind "$own$place" "$place"
    done
    for pair in "${node_kernel[@]}"; do
        copy=$own/kernel-$(basename "${pair%%=*}")
        echo "${pair#*=}" >"$copy"
        mount --bind "$copy" "/proc/sys/${pair%%=*}"
    done
}

# Layers as overlays, where the file system below allows it.
snapshotter() { case $(stat -f -c %T "$run") in overlayfs | tmpfs) echo native ;; *) echo overlayfs ;; esac; }

containerd_config() {
    local dir=$1
    cat <<EOF
version = 2
root = "$dir/containerd/root"
state = "$dir/containerd/state"
[grpc]
address = "$dir/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "$dir/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/klamm-test-pause:1"
# Not every machine lets us lower a score: without this each sandbox would die there.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "$(snapshotter)"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$dir/cni"
EOF
}

pod_network() {
    cat <<EOF
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
 {"type": "bridge", "bridge": "pods", "isGateway": true, "hairpinMode": true, "ipMasq": false,
  "ipam": {"type": "host-local", "dataDir": "/var/lib/cni/addresses", "ranges": [[{"subnet": "$(pod_range "$1")"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}},
 {"type": "portmap", "capabilities": {"portMappings": true}}]}
EOF
}

kubelet_config() {
    local node=$1 dir=$2
    cat <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup/node$node
enforceNodeAllocatable: []
failSwapOn: false
containerRuntimeEndpoint: "unix://$dir/containerd.sock"
clusterDNS: ["$lan_address"]
clusterDomain: cluster.local
resolvConf: ""
address: "$(node_address "$node")"
healthzPort: 0
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
nodeStatusUpdateFrequency: 2s
# The disk is the machine's: pods are not evicted, and loaded images not collected, for what others keep there.
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
EOF
}

# node_start NODE: begins with the runtime; the rest follows when its socket is there.
node_start() {
    local node=$1 dir="$run/node$1"
    mkdir -p "$dir/cni"
    containerd_config "$dir" >"$dir/containerd.toml"
    pod_network "$node" >"$dir/cni/pods.conflist"
    kubelet_config "$node" "$dir" >"$dir/kubelet.yaml"
    cgroup_make "node$node"
    # shellcheck disable=SC2016 # The inner shell expands these.
    start "node$node-containerd" "$(node_netns "$node")" unshare --mount bash -euc \
        '. "$1/lib/common.sh"; . "$1/lib/node.sh"; node_mounts "$2"; exec containerd --config "$2/containerd.toml"' \
        bash "$here" "$dir"
}

runtime_answers() { ctr --address "$run/node$1/containerd.sock" version; }

# node_import NODE ARCHIVE: one image archive into one node's store.
node_import() {
    ctr --address "$run/node$1/containerd.sock" --namespace k8s.io images import "$2" >/dev/null
}

# node_join NODE: kubelet and proxy, once the API server answers.
node_join() {
    local node=$1 dir="$run/node$1" netns pid _since zones=(a b c)
    netns=$(node_netns "$node")
    eventually 20 "containerd of node$node" runtime_answers "$node"
    node_import "$node" "$(pause_home)/image.tar"
    node_import "$node" "$(busybox_home)/image.tar"
    read -r pid _since <"$run/pids/node$node-containerd"
    start "node$node-kubelet" "$netns" nsenter --mount="/proc/$pid/ns/mnt" "$bin/kubelet" \
        --config="$dir/kubelet.yaml" --kubeconfig="$run/kubeconfig/node$node" --cert-dir="$dir" \
        --hostname-override="node$node" --node-ip="$(node_address "$node")" \
        --node-labels="topology.kubernetes.io/zone=${zones[$((node % 3))]}"
    start_proxy "node$node" "$netns" "node$node" "$(node_address "$node")"
}

nodes_ready() {
    local ready
    ready=$(admin get nodes -o 'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -c True)
    [ "$ready" = "$1" ]
}
