#!/usr/bin/env bash
# nginx 1.22.1 (Debian 12): one long poll that runs into proxy_read_timeout takes a healthy server away from everybody.
#
# What it is: one server is reachable under two addresses and stands in `upstream` with both (a name such as localhost that
# resolves to 127.0.0.1 and ::1 gives the same two). One request waits longer than proxy_read_timeout; that counts as a failure of
# the first address, and nginx, which may not repeat it there, tries the second, where it fails as well (here: nobody listens).
# max_fails is 1 and fail_timeout 10 s for both, so for ten seconds every other request, of any client, is answered 502 at once
# ("no live upstreams"), though the server answers each of them within a millisecond.
# With a single address in `upstream` the same timeout costs only the request itself: max_fails does not count there.
# What one would have guessed: that a slow answer, which a long poll is by design, says nothing of the server's health, or that
# the last address is tried all the same.
# Way out: one literal address, or max_fails=0, and proxy_read_timeout above the longest wait.
#
# Exits 0 while this is so, 1 when the behaviour is another. Debian's nginx is unpacked into a temporary folder, not installed.
set -euo pipefail
version=1.22.1
place=$(mktemp -d)
server="" proxy=""
clean_up() {
    for process in $proxy $server; do kill "$process" 2>/dev/null || true; done
    rm -rf "$place"
}
trap clean_up EXIT
chmod 755 "$place"
cd "$place"
apt-get download nginx >/dev/null 2>&1
dpkg -x nginx_*.deb root
root/usr/sbin/nginx -v 2>&1 | grep -F "nginx/$version" || { echo "expected nginx $version" >&2; exit 1; }

cat >server.py <<'PYTHON'
import http.server, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/wait":
            time.sleep(4)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PYTHON
python3 server.py >port &
server=$!
until [ -s port ]; do sleep 0.05; done
port=$(cat port)
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
two=$(free)
one=$(free)
cat >nginx.conf <<CONF
daemon off;
master_process off;
pid $place/pid;
error_log $place/error.log;
events {}
http {
    access_log off;
    client_body_temp_path $place/t1;
    proxy_temp_path $place/t2;
    fastcgi_temp_path $place/t3;
    uwsgi_temp_path $place/t4;
    scgi_temp_path $place/t5;
    proxy_read_timeout 1s;
    upstream two { server 127.0.0.1:$port; server [::1]:$port; }
    upstream one { server 127.0.0.1:$port; }
    server { listen 127.0.0.1:$two; location / { proxy_pass http://two; } }
    server { listen 127.0.0.1:$one; location / { proxy_pass http://one; } }
}
CONF
root/usr/sbin/nginx -p "$place" -c "$place/nginx.conf" -e "$place/error.log" 2>/dev/null &
proxy=$!
code() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1$2" || true; }
until [ "$(code "$one" /)" = 200 ]; do sleep 0.1; done

found="two addresses, before: $(code "$two" /) $(code "$two" /) $(code "$two" /)
two addresses, one poll that times out: $(code "$two" /wait)
two addresses, others after it: $(code "$two" /) $(code "$two" /) $(code "$two" /)
one address, one poll that times out: $(code "$one" /wait)
one address, others after it: $(code "$one" /) $(code "$one" /) $(code "$one" /)"
expected="two addresses, before: 200 200 200
two addresses, one poll that times out: 502
two addresses, others after it: 502 502 502
one address, one poll that times out: 504
one address, others after it: 200 200 200"
echo "$found"
[ "$found" = "$expected" ] || { echo "it is another now; expected:" >&2; echo "$expected" >&2; exit 1; }
