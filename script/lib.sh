# shellcheck shell=bash
# The set-up that every script here shares, one function a step. Sourced, never run.
#
# Exit codes: 0 done, 1 a check failed, 2 wrong arguments, 3 something is missing on this machine (and how to get it).

set -euo pipefail
# A script started with no standard input at all must not trip over it.
{ : <&0; } 2>/dev/null || exec </dev/null
ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$ROOT"
umask 022
# The same language and encoding whatever the caller's shell has; /sbin holds ldconfig, which ordinary users don't have on their path.
export LC_ALL=C.UTF-8 PYTHONUTF8=1 PATH="$PATH:/usr/sbin:/sbin" DJANGO_SETTINGS_MODULE=saferoutes.settings
unset PYTHONHOME PYTHONPATH
PYTHON=$ROOT/.venv/bin/python

say() { printf '%5ds  %s\n' "$SECONDS" "$*" >&2; }

fail() { # fail CODE SENTENCE…
  local code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

# --- Ending well -----------------------------------------------------------------------------------------------------

CHILD=
STOPPING=0

# Runs one long step. Bash alone would act on a signal only after the step has ended, so the step goes beside it and is
# waited for. Commands started that way ignore Ctrl-C unless told otherwise. The locks (7, 8, 9) stay with this script.
step() {
  local status
  env --default-signal=INT,QUIT "$@" <&0 7>&- 8>&- 9>&- &
  CHILD=$!
  while :; do
    status=0
    wait "$CHILD" || status=$?
    alive "$CHILD" || break # else a signal that this script doesn't mind ended only the waiting
  done
  CHILD=
  return "$status"
}

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

# stop_processes SECONDS PID…: asks them to end, then makes them.
stop_processes() {
  local patience=$1 pid waiting
  shift
  for pid in "$@"; do kill -TERM "$pid" 2>/dev/null || true; done
  for ((waiting = patience * 10; waiting > 0; waiting--)); do
    for pid in "$@"; do alive "$pid" && { sleep 0.1; continue 2; }; done
    return 0
  done
  for pid in "$@"; do kill -KILL "$pid" 2>/dev/null || true; done
}

# A step's own children too: pip and apt start some that wouldn't hear of it.
stop_step() {
  local tree
  alive "$CHILD" || return 0
  mapfile -t tree < <(descendants "$CHILD")
  stop_processes 10 "$CHILD" "${tree[@]}"
}

descendants() { # descendants PID: their ids, one a line
  local child
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
    echo "$child"
    descendants "$child"
  done
}

stop_services() { :; } # script/server has some

finish() {
  local status=$?
  trap '' INT TERM HUP
  STOPPING=1
  stop_step
  stop_services
  release_database
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# --- The folder for everything that isn't code ----------------------------------------------------------------------

prepare_var() {
  local var=${VAR_DIR:-$ROOT/var}
  mkdir -p -- "$var" 2>/dev/null || fail 3 "Can't make the folder $var: run this as the owner of $ROOT."
  VAR=$(cd -- "$var" && pwd -P)
  [ -O "$VAR" ] && [ -w "$VAR" ] || fail 3 "The folder $VAR belongs to $(stat -c %U -- "$VAR"), and you are $(id -un)." \
    "Run this as $(stat -c %U -- "$VAR"), or give the folder away first:  chown -R $(id -un): '$VAR'"
  export VAR_DIR=$VAR
  local private
  for private in keys mail media; do
    mkdir -p -- "$VAR/$private"
    chmod 700 -- "$VAR/$private"
  done
}

# Two scripts started together in a fresh clone take turns; the kernel frees the lock of one that was killed.
lock_setup() {
  exec 8>>"$VAR/setup.lock"
  if ! flock --nonblock 8; then
    say "another script is setting up this folder: waiting for it"
    flock 8 &
    CHILD=$!
    wait "$CHILD"
    CHILD=
  fi
}

unlock_setup() { exec 8>&-; }

# --- System packages ------------------------------------------------------------------------------------------------

newest_postgres() { # prints the folder of the newest PostgreSQL here that has PostGIS
  local bin version
  for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
    version=$(basename "$(dirname "$bin")")
    if [ -x "$bin/initdb" ] && [ -e "/usr/share/postgresql/$version/extension/postgis.control" ]; then
      echo "$bin"
      return 0
    fi
  done
  return 1
}

new_enough_python() { # prints the first Python of 3.11 or newer that can make a venv
  local name
  for name in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

has_library() { ldconfig -p | grep -c "lib$1\.so" >/dev/null; }

has_msgfmt() { command -v msgfmt >/dev/null; }

has_font() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name "$1.ttf" -print -quit 2>/dev/null)" ]; }

missing_packages() { # missing_packages [for-tests]: Debian's names, one a line
  [ -n "${DATABASE_URL:-}" ] || newest_postgres >/dev/null || echo postgresql-postgis
  # Every command of the site loads these two; PostGIS brings them along, so they matter with a database elsewhere.
  has_library gdal && has_library geos_c || echo gdal-bin
  # For paper (WeasyPrint): layout and shaping, small fonts inside the PDF, and letters from Arabic to Vietnamese.
  has_library pango-1.0 && has_library pangoft2-1.0 || printf '%s\n' libpango-1.0-0 libpangoft2-1.0-0
  has_library harfbuzz-subset || echo libharfbuzz-subset0
  has_font DejaVuSans || echo fonts-dejavu-core
  has_font DejaVuSansCondensed || echo fonts-dejavu-extra
  new_enough_python >/dev/null || printf '%s\n' python3 python3-venv
  [ "${1:-}" = for-tests ] || return 0
  [ -x /usr/bin/chromium-headless-shell ] || echo chromium-headless-shell
  has_msgfmt || echo gettext
}

may_install() { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; }

as_root() { if [ "$(id -u)" -eq 0 ]; then step "$@"; else step sudo "$@"; fi; }

install_packages() { # install_packages [for-tests]
  local names
  mapfile -t names < <(missing_packages "${1:-}")
  [ ${#names[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail 3 \
    "Missing on this machine: ${names[*]} (Debian's names). Safe Routes installs them itself on Debian and Ubuntu only." \
    "Elsewhere install PostgreSQL 15+ with PostGIS 3, GDAL, GEOS and Python 3.11+, or give DATABASE_URL, then run this again."
  may_install || fail 3 "This machine lacks: ${names[*]}. Ask an administrator to run:" "" \
    "    apt-get update && apt-get install --no-install-recommends ${names[*]}" "" "then run this again."
  say "installing ${names[*]} (the log is ${VAR#"$ROOT"/}/apt.log)"
  apt_install "${names[@]}" >"$VAR/apt.log" 2>&1 || {
    tail -n 20 "$VAR/apt.log" >&2
    fail 3 "Installing failed. Try it by hand:  apt-get update && apt-get install --no-install-recommends ${names[*]}"
  }
  mapfile -t names < <(missing_packages "${1:-}")
  [ ${#names[@]} -eq 0 ] || explain_still_missing "${names[@]}"
}

apt_install() {
  # Debian makes and starts a database on port 5432 with the server's package. Ours is private, so it needn't.
  [ -e /etc/postgresql-common/createcluster.conf ] || as_root sh -c \
    'mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf'
  as_root apt-get -q -o DPkg::Lock::Timeout=300 update || true # a stale list may still do
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold install --no-install-recommends "$@"
}

explain_still_missing() {
  case " $* " in
    *" python3 "*) fail 3 "Safe Routes needs Python 3.11 or newer; this machine has $(python3 --version 2>&1 || echo none)." \
      "Install a newer one (Debian 12 and Ubuntu 24.04 have it; on Ubuntu 22.04: apt-get install python3.11-venv), then run this again." ;;
    *) fail 3 "Still missing after installing: $*. See $VAR/apt.log." ;;
  esac
}

# --- Python packages ------------------------------------------------------------------------------------------------

# A venv counts as whole once pip has finished and left a stamp; the stamp changes with the requirements and with Python.
# One without any stamp was interrupted, and pip can't be trusted to see what is missing in it.
install_python_packages() { # install_python_packages requirements[-dev].txt
  local stamp=.venv/.installed-${1%.txt} wanted
  wanted=$(wanted_packages "$1")
  [ -z "$wanted" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  if ! compgen -G '.venv/.installed-*' >/dev/null || ! "$PYTHON" -m pip --version >/dev/null 2>&1; then make_venv; fi
  say "installing Python packages (the log is ${VAR#"$ROOT"/}/pip.log)"
  rm -f .venv/.installed-*
  step "$PYTHON" -m pip install --no-input --disable-pip-version-check --no-warn-script-location -r "$1" >"$VAR/pip.log" 2>&1 || {
    tail -n 20 "$VAR/pip.log" >&2
    fail 3 "Installing the Python packages of $1 failed. With the network back, run this again; nothing else is needed."
  }
  wanted_packages "$1" >"$stamp"
  # What tests need includes what the site needs.
  wanted_packages requirements.txt >.venv/.installed-requirements
}

wanted_packages() { # nothing where there is no Python yet
  "$PYTHON" --version 2>/dev/null && cat requirements.txt "$1" | cksum || true
}

make_venv() {
  [ ! -e .venv ] || say "the folder .venv is unfinished or broken: making it anew"
  rm -rf .venv
  step "$(new_enough_python)" -m venv .venv || fail 3 "Can't make the folder .venv (see above)."
}

# --- The database ---------------------------------------------------------------------------------------------------
#
# Without DATABASE_URL: a private PostgreSQL cluster in var/pg, reached by a unix socket in a folder closed to others,
# with no TCP port. Every script that uses it holds a shared lock on var/database.users; the last one to let go stops it.

PRIVATE_DATABASE=0
POSTGRES=() # how to become the owner of the cluster
FRESH_DATABASE=0
CLUSTER=
BIN=
SOCKET=

cluster_owner() { if [ "$(id -u)" -eq 0 ]; then echo postgres; else id -un; fi; }

own_folder() { # own_folder PATH: made if need be, closed to everybody but the cluster's owner
  mkdir -p -- "$1"
  chown "$(cluster_owner)" -- "$1"
  chmod 700 -- "$1"
}

find_cluster() {
  # PostgreSQL refuses to run as root.
  if [ "$(id -u)" -eq 0 ]; then POSTGRES=(setpriv --reuid postgres --regid postgres --init-groups --); fi
  [ -e "$VAR/pg" ] || place_cluster
  CLUSTER=$(cd -- "$VAR/pg" && pwd -P)
  BIN=$(postgres_bin)
  find_socket
}

# As root, with a parent folder closed to others (root's home is), the user postgres can't get to var/pg: the cluster
# then lives in postgres' own home, and var/pg points there.
place_cluster() {
  local new=$VAR/pg.new elsewhere
  rm -rf -- "$new" "$VAR/pg"
  own_folder "$new"
  if ! (cd / && "${POSTGRES[@]}" test -w "$new"); then
    rmdir -- "$new"
    elsewhere=$(mktemp -d /var/lib/postgresql/saferoutes-XXXXXX)
    own_folder "$elsewhere"
    new=$elsewhere
  fi
  say "making a private database in $([ -z "${elsewhere:-}" ] && echo "$VAR/pg" || echo "$elsewhere")"
  (cd -- "$new" && "${POSTGRES[@]}" "$(newest_postgres)/initdb" -D "$new" -U saferoutes -A trust -E UTF8 --locale=C.UTF-8 \
    >"$VAR/initdb.log" 2>&1) || { cat "$VAR/initdb.log" >&2; fail 3 "Can't make the private database (see above)."; }
  # Only a finished cluster gets the name that counts.
  if [ -n "${elsewhere:-}" ]; then ln -s -- "$elsewhere" "$VAR/pg"; else mv -- "$new" "$VAR/pg"; fi
}

# The path of a socket may be 107 bytes long, and a blank or comma in it has a meaning of its own to PostgreSQL.
find_socket() {
  SOCKET=$CLUSTER
  [[ ! $CLUSTER =~ ^[A-Za-z0-9/._-]{1,85}$ ]] || return 0
  SOCKET=$(cat "$VAR/socket_folder" 2>/dev/null || true)
  if [ -z "$SOCKET" ] || [ -L "$SOCKET" ] || [ "$(stat -c %U -- "$SOCKET" 2>/dev/null)" != "$(cluster_owner)" ]; then
    SOCKET=$(mktemp -d /tmp/saferoutes-XXXXXX)
    own_folder "$SOCKET"
    printf '%s' "$SOCKET" >"$VAR/socket_folder"
  fi
}

postgres_bin() { # the programs of the version that made the cluster
  local version
  version=$(cat "$CLUSTER/PG_VERSION")
  [ -x "/usr/lib/postgresql/$version/bin/postgres" ] || fail 3 \
    "The private database was made by PostgreSQL $version, which this machine no longer has. Install it again:" "" \
    "    apt-get install --no-install-recommends postgresql-$version-postgis-3" "" "then run this again."
  echo "/usr/lib/postgresql/$version/bin"
}

# PGDATA instead of -D, and a relative log, since pg_ctl hands both to a shell and a path may hold anything.
pg_ctl() {
  (cd -- "$CLUSTER" && PGDATA=$CLUSTER "${POSTGRES[@]}" "$BIN/pg_ctl" --log=server.log --wait --timeout=60 "$@" \
    7>&- 8>&- 9>&-)
}

psql() { "$BIN/psql" -X -q -t -A -h "$SOCKET" -U saferoutes "$@"; }

start_private_database() {
  local options="-c listen_addresses='' -c unix_socket_directories='$SOCKET' -c unix_socket_permissions=0700 -c max_connections=100"
  if pg_ctl status >/dev/null 2>&1; then
    ! psql -d postgres -c 'select 1' >/dev/null 2>&1 || return 0
    pg_ctl --mode=fast stop >/dev/null # its socket is gone, so nobody can be using it
  fi
  pg_ctl --options="$options" start >/dev/null || {
    tail -n 20 "$CLUSTER/server.log" >&2
    fail 3 "The private database doesn't start; the lines above are the end of $CLUSTER/server.log."
  }
}

use_database() {
  [ -z "${DATABASE_URL:-}" ] || return 0
  # A caller's own PostgreSQL settings (PGPORT, PGOPTIONS, …) mean another database.
  unset "${!PG@}"
  exec 7>>"$VAR/database.switch"
  flock 7
  PRIVATE_DATABASE=1
  exec 9>>"$VAR/database.users"
  flock --shared 9
  find_cluster
  start_private_database
  if [ -z "$(psql -d postgres -c "select 1 from pg_database where datname = 'saferoutes'")" ]; then
    psql -d postgres -c 'create database saferoutes'
    FRESH_DATABASE=1
  fi
  exec 7>&-
  export DATABASE_URL="postgis://saferoutes@/saferoutes?host=$SOCKET"
  printf '%s\n' "$DATABASE_URL" >"$VAR/database_url"
}

release_database() {
  [ "$PRIVATE_DATABASE" = 1 ] || return 0
  PRIVATE_DATABASE=0
  exec 7>>"$VAR/database.switch"
  flock 7
  flock --unlock 9
  if [ -n "$BIN" ] && flock --nonblock 9; then pg_ctl --mode=fast stop >/dev/null 2>&1 || true; fi
  exec 7>&- 9>&-
}

# --- All of it ------------------------------------------------------------------------------------------------------

manage() { step "$PYTHON" manage.py "$@"; }

# setup [for-tests]: from whatever is here to a database that answers.
setup() {
  GIVEN_DATABASE=${DATABASE_URL:+yes}
  prepare_var
  lock_setup
  install_packages "${1:-}"
  install_python_packages "requirements${1:+-dev}.txt"
  use_database
  step "$PYTHON" -m script.check_database ${1:+--for-tests}
}

# Files for browsers, collected only when one of them, a package or the way they are named has changed.
collect_static() {
  local stamp=$VAR/static.stamp wanted
  wanted=$({ find static -type f -printf '%p %s %T@\n' | sort; cat requirements.txt saferoutes/storage.py; } | cksum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || [ ! -d "$VAR/static" ] || return 0
  manage collectstatic --noinput --verbosity=0
  printf '%s' "$wanted" >"$stamp"
}

# The address of the server that is running from this folder, so that links printed by other scripts fit it.
use_site_url() {
  local known
  known=$(cat "$VAR/site_url" 2>/dev/null || true)
  [ -n "${SITE_URL:-}" ] || [ -z "$known" ] || export SITE_URL=$known
}
