# shellcheck shell=bash
# What is not a Debian package is built once and kept in the cache, under its version and a hash of its sources.

# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# need_packages: installs what is missing; a machine that has everything is not asked anything.
need_packages() {
    local missing=() pair
    for pair in etcd:etcd-server containerd:containerd runc:runc buildah:buildah musl-gcc:musl-tools nft:nftables \
        iptables:iptables ip:iproute2 nsenter:util-linux openssl:openssl gcc:gcc strip:binutils; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
    # The pods have no libraries: only the static one will do.
    { [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1; } || missing+=(busybox-static)
    command -v go >/dev/null || missing+=(golang-go)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
    # From 1.21 on it fetches the version that a module asks for by itself.
    [[ $(go env GOVERSION) =~ ^go1\.(2[1-9]|[3-9][0-9]) ]] || die "needs Go 1.21 or later, not $(go env GOVERSION)"
}

install_packages() {
    say "installing $*"
    apt-get update -qq
    # Services of these packages must not start on this machine: the cluster runs its own copies.
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# sources_key VERSION DIR: the version and a hash of the files of DIR.
sources_key() {
    (cd "$2" && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | sed "s/^\(.\{12\}\).*/$1-\1/"
}

kubernetes_home() { echo "$cache/kubernetes-$(sources_key "$kubernetes_version" "$here/kubernetes")"; }
coredns_home() { echo "$cache/coredns-$(sources_key "$coredns_version" "$here/coredns")"; }
helm_home() { echo "$cache/helm-$helm_version"; }
pause_home() { echo "$cache/pause-$(sources_key 1 "$here/pause")"; }
busybox_home() { echo "$cache/busybox-image-$(sha256sum /bin/busybox | cut -c1-12)"; }

# build_into HOME WHAT CMD...: runs CMD with an empty directory as its last argument, and keeps it as HOME when all went well.
build_into() {
    local home=$1 what=$2 started=$SECONDS
    shift 2
    [ -d "$home" ] && return
    say "building $what (once; kept in $home)"
    rm -rf "$home.partial"
    mkdir -p "$home.partial"
    "$@" "$home.partial" || die "building $what failed"
    mv "$home.partial" "$home"
    say "built $what in $((SECONDS - started)) s"
}

build_kubernetes() {
    local version=k8s.io/component-base/version
    (cd "$here/kubernetes" && CGO_ENABLED=0 GOTOOLCHAIN=auto go build -trimpath -o "$1/kubernetes" -ldflags "-s -w \
        -X $version.gitVersion=v$kubernetes_version -X $version.gitMajor=1 -X $version.gitMinor=34" .) || return
    local name
    for name in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
        ln -s kubernetes "$1/$name"
    done
}

build_coredns() {
    (cd "$here/coredns" && CGO_ENABLED=0 GOTOOLCHAIN=auto go build -trimpath -ldflags '-s -w' -o "$1/coredns" .)
}

build_helm() {
    CGO_ENABLED=0 GOTOOLCHAIN=auto GOBIN="$1" go install -trimpath -ldflags \
        "-s -w -X helm.sh/helm/v3/internal/version.version=v$helm_version" "helm.sh/helm/v3/cmd/helm@v$helm_version"
}

build_pause() {
    musl-gcc -Os -static -s -o "$1/pause" "$here/pause/pause.c" &&
        image_of_files "docker.io/library/klamm-test-pause:1" "$1/image.tar" /pause "$1/pause"
}

# A shell and small tools for pods of the tests, as one static program.
build_busybox() {
    image_of_files "docker.io/library/klamm-test-busybox:1" "$1/image.tar" /bin/busybox /bin/busybox
}

# image_of_files NAME ARCHIVE ENTRYPOINT FILE: an image with one static file, made from nothing.
image_of_files() {
    local context
    context=$(mktemp -d)
    cp "$4" "$context/program"
    printf 'FROM scratch\nCOPY program %s\nENTRYPOINT ["%s"]\n' "$3" "$3" >"$context/Dockerfile"
    image_archive "$1" "$2" "$context"
    local status=$?
    rm -rf "$context"
    return $status
}

# image_archive NAME ARCHIVE CONTEXT: builds CONTEXT's Dockerfile and writes an OCI archive. The store of layers is thrown away.
image_archive() {
    local store status=0
    store=$(mktemp -d)
    local buildah=(buildah --root "$store/root" --runroot "$store/run" --storage-driver vfs)
    "${buildah[@]}" bud -q --isolation chroot -t "$1" "$3" >/dev/null &&
        rm -f "$2.partial" && "${buildah[@]}" push -q "$1" "oci-archive:$2.partial:$1" && mv "$2.partial" "$2" || status=1
    "${buildah[@]}" rmi -a -f >/dev/null 2>&1
    rm -rf "$store"
    return $status
}

# One build at a time on a machine, whichever cluster asks for it.
build_all() (
    need_packages
    mkdir -p "$cache"
    exec 8>"$cache/kube-build.lock"
    flock 8
    build_into "$(pause_home)" "the pause image" build_pause
    build_into "$(busybox_home)" "the image of small tools" build_busybox
    build_into "$(coredns_home)" "CoreDNS $coredns_version" build_coredns
    build_into "$(helm_home)" "helm $helm_version" build_helm
    build_into "$(kubernetes_home)" "Kubernetes $kubernetes_version (some minutes)" build_kubernetes
)

# link_programs: what was built, under the run directory's bin.
link_programs() {
    mkdir -p "$bin"
    ln -sf "$(kubernetes_home)"/* "$(coredns_home)"/* "$(helm_home)"/* "$bin"
}
