# shellcheck shell=bash
# Starts and stops processes. Everything we start, and all that it starts, is in a control group of ours:
# what must end is read from there, so that a crash of any part leaves nothing that we could not name.

# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The mounted hierarchies (cgroup v1), or the only one (v2).
hierarchies() {
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        echo /sys/fs/cgroup
    else
        find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d
    fi
}

# The hierarchy in which processes are listed.
listing_hierarchy() { if [ -d /sys/fs/cgroup/pids ]; then echo /sys/fs/cgroup/pids; else echo /sys/fs/cgroup; fi; }

# cgroup_make NAME: our group NAME in every hierarchy. A cpuset group starts empty and would refuse every process.
cgroup_make() {
    local top at part
    for top in $(hierarchies); do
        at=$top
        for part in "$cgroup" "$1"; do
            if [ -n "$(cat "$at/cgroup.controllers" 2>/dev/null)" ]; then
                sed 's/\([a-z_]\+\)/+\1/g' "$at/cgroup.controllers" >"$at/cgroup.subtree_control" 2>/dev/null || true
            fi
            mkdir -p "$at/$part"
            if [ -e "$at/cpuset.cpus" ] && [ -e "$at/cpuset.mems" ]; then
                [ -n "$(cat "$at/$part/cpuset.cpus")" ] || cat "$at/cpuset.cpus" >"$at/$part/cpuset.cpus"
                [ -n "$(cat "$at/$part/cpuset.mems")" ] || cat "$at/cpuset.mems" >"$at/$part/cpuset.mems"
            fi
            at=$at/$part
        done
    done
}

# The processes in our groups that still run; one that ended and waits to be reaped does not.
cgroup_pids() {
    local pid
    find "$(listing_hierarchy)/$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null | while read -r pid; do
        ended "$pid" || echo "$pid"
    done
}

# Takes the groups away. A process that ended stays in its group until its parent has heard of it: that takes a moment.
cgroup_remove() {
    local top left tries
    for ((tries = 0; tries < 100; tries++)); do
        left=
        for top in $(hierarchies); do
            [ -d "$top/$cgroup" ] || continue
            find "$top/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || left+=" $top/$cgroup"
        done
        [ -n "$left" ] || return 0
        sleep 0.05
    done
    say "these control groups did not go:$left"
}

# start NAME NETNS CMD...: runs CMD in the background in NETNS, logging to logs/NAME.log; its pid is recorded.
start() {
    local name=$1 netns=$2
    shift 2
    (
        exec 9>&- </dev/null >>"$run/logs/$name.log" 2>&1
        echo "$BASHPID" >"$(listing_hierarchy)/$cgroup/system/cgroup.procs"
        exec setsid nsenter --net="/run/netns/$netns" "$@"
    ) &
    echo "$! $(start_time $!)" >"$run/pids/$name"
    disown
}

# When a process began, in ticks since boot: with the pid, it names one process for ever.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

ended() { [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) != [!ZX]* ]]; }

# alive NAME: whether the recorded process, and not another with its number, still runs.
alive() {
    local pid since
    [ -e "$run/pids/$1" ] && read -r pid since <"$run/pids/$1" && [ -n "$since" ] &&
        [ "$(start_time "$pid")" = "$since" ] && ! ended "$pid"
}

all_alive() {
    local file
    for file in "$run"/pids/*; do
        alive "${file##*/}" || return 1
    done
}

# kill_all: ends at once whatever is in our groups. Nothing of it is asked first: all its data is thrown away.
kill_all() {
    local pid pids tries
    for ((tries = 0; tries < 200; tries++)); do
        pids=$(cgroup_pids)
        [ -n "$pids" ] || return 0
        for pid in $pids; do kill -9 "$pid" 2>/dev/null || true; done
        sleep 0.05
    done
    say "these processes did not end: ${pids//$'\n'/ }"
    return 1
}
