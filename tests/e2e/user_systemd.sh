#!/bin/sh
# Runs a real `systemd --user` for an ordinary user in namespaces of its own, and in it one script; nothing of the
# machine sees it, and all of it ends with this process. Called by user_systemd.ts through
# `unshare --mount --pid --fork --mount-proc`, as root.
#
# USER_ID, USER_NAME, USER_HOME: who it is for; the folder is seen as /home/USER_NAME. CGROUP: an empty cgroup (v2) made for it. SCRIPT: what to run.
# PRIVATE_NETWORK: set when there is a network namespace, which has a loopback interface that is down.
# SSH_PART: text of a file of root's that OpenSSH's configuration includes, if any.
set -eu
[ -z "${PRIVATE_NETWORK:-}" ] || ip link set lo up
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/systemd/unit-root "/run/user/$USER_ID"
mount -t tmpfs tmpfs /home
mkdir "/home/$USER_NAME"
mount --bind "$USER_HOME" "/home/$USER_NAME"
USER_HOME="/home/$USER_NAME"
export USER_HOME
printf '%s:x:%s:%s::%s:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n' "$USER_NAME" "$USER_ID" "$USER_ID" "$USER_HOME" >/run/passwd
mount --bind /run/passwd /etc/passwd
if [ -d /etc/ssh/ssh_config.d ]; then
  mount -t tmpfs tmpfs /etc/ssh/ssh_config.d
  [ -z "${SSH_PART:-}" ] || printf '%s\n' "$SSH_PART" >/etc/ssh/ssh_config.d/50-test.conf
fi
: >/run/log && chmod 666 /run/log && mount --bind /run/log /dev/console
echo $$ >"$CGROUP/cgroup.procs"
chown "$USER_ID" "/run/user/$USER_ID"
exec unshare --cgroup --mount sh -eu -c '
  umount -l /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  chown -R "$USER_ID" /sys/fs/cgroup
  export XDG_RUNTIME_DIR="/run/user/$USER_ID" HOME="$USER_HOME" USER="$USER_NAME"
  cd "$HOME"
  as_user="setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups"
  SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=info $as_user /lib/systemd/systemd --user &
  manager=$!
  for try in $(seq 100); do
    [ -S "$XDG_RUNTIME_DIR/systemd/private" ] && break
    sleep 0.1
  done
  code=0
  $as_user sh -u "$SCRIPT" || code=$?
  kill -TERM "$manager"
  wait "$manager" || :
  [ "$code" = 0 ] || { echo "--- the manager said:"; cat /run/log; } >&2
  exit "$code"
'
