# shellcheck shell=bash
# The control plane: keys, kubeconfigs, etcd, API server, controllers, scheduler, DNS and a proxy for clients beside it.

# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# One authority, a serving certificate for the API server, a key for service account tokens.
keys_make() {
    local keys="$run/keys"
    mkdir -p "$keys"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=klamm-test-ca \
        -keyout "$keys/ca.key" -out "$keys/ca.crt" 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=kube-apiserver \
        -keyout "$keys/api.key" -out "$keys/api.csr" 2>/dev/null
    printf 'subjectAltName=IP:%s,IP:%s,IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,%s\n' \
        "$lan_address" "$service_api" DNS:kubernetes.default.svc.cluster.local >"$keys/api.ext"
    openssl x509 -req -in "$keys/api.csr" -CA "$keys/ca.crt" -CAkey "$keys/ca.key" -CAcreateserial -days 3650 \
        -extfile "$keys/api.ext" -out "$keys/api.crt" 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out "$keys/accounts.key"
}

# user NAME USER GROUP: a token for USER, and the kubeconfig NAME that bears it.
user() {
    local token
    token=$(openssl rand -hex 16)
    printf '%s,%s,%s,"%s"\n' "$token" "$2" "$2" "$3" >>"$run/keys/tokens.csv"
    cat >"$run/kubeconfig/$1" <<EOF
apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: "https://$lan_address:6443", certificate-authority: "$run/keys/ca.crt"}}]
users: [{name: test, user: {token: "$token"}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
EOF
}

users_make() {
    local node
    mkdir -p "$run/kubeconfig"
    user admin admin system:masters
    user controllers system:kube-controller-manager system:authenticated
    user scheduler system:kube-scheduler system:authenticated
    user proxy system:kube-proxy system:authenticated
    user dns klamm-test-dns system:masters
    for ((node = 0; node < $1; node++)); do user "node$node" "system:node:node$node" system:nodes; done
}

# Who changed what, for tests that count requests; reads only of service accounts, to see what they were refused.
audit_policy() {
    cat >"$run/audit-policy.yaml" <<'EOF'
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Metadata, userGroups: ["system:serviceaccounts"]}
- {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}
- {level: None}
EOF
}

# admin CMD...: kubectl as the administrator.
admin() { in_lan "$bin/kubectl" --kubeconfig "$run/kubeconfig/admin" "$@"; }

api_server_up() {
    start etcd "$lan_netns" etcd --data-dir "$run/etcd" --unsafe-no-fsync --log-level warn \
        --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
        --listen-peer-urls http://127.0.0.1:2380
    local keys="$run/keys"
    start kube-apiserver "$lan_netns" "$bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
        --secure-port=6443 --advertise-address="$lan_address" --service-cluster-ip-range="$service_range" \
        --tls-cert-file="$keys/api.crt" --tls-private-key-file="$keys/api.key" --client-ca-file="$keys/ca.crt" \
        --cert-dir="$keys" --token-auth-file="$keys/tokens.csv" \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
        --service-account-key-file="$keys/accounts.key" --service-account-signing-key-file="$keys/accounts.key" \
        --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --allow-privileged --kubelet-preferred-address-types=InternalIP \
        --audit-policy-file="$run/audit-policy.yaml" --audit-log-path="$run/logs/audit.log" --audit-log-maxsize=2000
    eventually 60 "the API server" admin get --raw /readyz
}

controllers_up() {
    local keys="$run/keys" grace=()
    # With several nodes a test may take one away and wants it noticed in about ten seconds; a single one is never given up early.
    [ "$1" = 1 ] || grace=(--node-monitor-grace-period=10s --node-monitor-period=1s)
    start kube-controller-manager "$lan_netns" "$bin/kube-controller-manager" --kubeconfig="$run/kubeconfig/controllers" \
        --use-service-account-credentials --root-ca-file="$keys/ca.crt" --cert-dir="$keys" \
        --service-account-private-key-file="$keys/accounts.key" --leader-elect=false --bind-address=127.0.0.1 \
        --cluster-signing-cert-file="$keys/ca.crt" --cluster-signing-key-file="$keys/ca.key" "${grace[@]}"
    start kube-scheduler "$lan_netns" "$bin/kube-scheduler" --kubeconfig="$run/kubeconfig/scheduler" \
        --leader-elect=false --bind-address=127.0.0.1 --cert-dir="$keys"
    start_proxy lan "$lan_netns" lan "$lan_address"
    start_dns
}

# start_proxy NAME NETNS HOST ADDRESS: Services reachable from one namespace. It may not set conntrack limits here.
start_proxy() {
    start "$1-proxy" "$2" "$bin/kube-proxy" --kubeconfig="$run/kubeconfig/proxy" --hostname-override="$3" \
        --bind-address="$4" --cluster-cidr=10.78.0.0/16 --proxy-mode=nftables --conntrack-max-per-core=0 \
        --conntrack-min=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
}

start_dns() {
    cat >"$run/Corefile" <<EOF
.:53 {
    bind $lan_address
    errors
    ready $lan_address:8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig $run/kubeconfig/dns
        pods insecure
        ttl 5
    }
}
EOF
    start coredns "$lan_netns" "$bin/coredns" -conf "$run/Corefile"
    printf 'nameserver %s\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n' \
        "$lan_address" >"$run/resolv.conf"
}

dns_answers() { in_lan busybox nslookup kubernetes.default.svc.cluster.local "$lan_address"; }

# A default class without a provisioner, and volumes made up front on each node. They are of kind "local" and not
# "hostPath": only then the kubelet gives them to the pod's group, which pods that are not root need.
storage_up() {
    local node volume
    {
        cat <<'EOF'
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
EOF
        for ((node = 0; node < $1; node++)); do
            for ((volume = 0; volume < volumes_per_node; volume++)); do
                mkdir -p "$run/volumes/node$node-$volume"
                cat <<EOF
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: node$node-$volume}
spec:
  storageClassName: standard
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: {path: "$run/volumes/node$node-$volume"}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [node$node]}]}]}}
EOF
            done
        done
    } >"$run/storage.yaml"
    admin apply -f "$run/storage.yaml" >/dev/null
}
