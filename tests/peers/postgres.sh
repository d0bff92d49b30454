# A PostgreSQL cluster of Debian's packages. Sourced by postgres-up and bsky-pds-up, after lib.sh.
pg_bin() { compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -n 1 | xargs -r dirname; }

# cluster FOLDER PORT_VARIABLE USER OPTION...: makes it where it is missing and starts it, on loopback TCP, without passwords.
cluster() {
  local folder=$1 port=${!2} user=$3 bin as=()
  [[ -n $(pg_bin) ]] || debian postgresql
  bin=$(pg_bin)
  [[ $EUID != 0 ]] || as=(runuser -u postgres --)
  mkdir -p "$folder"
  [[ $EUID != 0 ]] || chown postgres "$folder"
  if [[ ! -d $folder/base ]]; then
    (cd / && "${as[@]}" "$bin/initdb" -D "$folder" -U "$user" -A trust --no-sync) >"$folder.log" 2>&1 ||
      fail "$folder.log" "initdb failed: is $folder in a folder that user postgres may enter?"
  fi
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$folder" status) >/dev/null 2>&1 && return
  port "$2"
  (cd / && "${as[@]}" "$bin/pg_ctl" -w -D "$folder" -l "$folder/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= ${*:4}" start) \
    >"$folder.log" 2>&1 9>&- || fail "$folder/log" "PostgreSQL does not start"
}
