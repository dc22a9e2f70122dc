#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: interop_test.sh BUILD
# signet-peer against openssl s_server and s_client: both roles, ciphers and groups, with and
# without HelloRetryRequest, mutual certificates under a root and an issuer; and who is refused.

build=$(cd "$1" && pwd)
peer=$build/signet-peer
work=$(mktemp -d)
passed=0
failed=0
port=$((20000 + $$ % 20000))
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

check() {
	if [ "$1" = "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $3: expected \"$2\", found \"$1\""
		tail -n 20 server.log client.log
	fi
}

contains() {
	if grep -q "$2" "$1"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $3: no \"$2\" in $1:"
		tail -n 20 "$1"
	fi
}

# root NAME; issuer NAME ROOT; leaf NAME ISSUER SPIFFE-ID
p256() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
root() {
	p256 "$1"
	openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 2 -out "$1.pem" \
		-addext keyUsage=critical,keyCertSign,cRLSign
}
issuer() {
	p256 "$1"
	printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n' >ext
	openssl req -new -key "$1.key" -subj "/CN=$1" |
		openssl x509 -req -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 \
			-extfile ext -out "$1.pem" 2>/dev/null
}
leaf() {
	p256 "$1"
	{
		printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'
		printf 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=critical,URI:%s\n' "$3"
	} >ext
	openssl req -new -key "$1.key" -subj "/O=workload" |
		openssl x509 -req -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 1 \
			-extfile ext -out "$1.leaf" 2>/dev/null
	cat "$1.leaf" "$2.pem" >"$1.pem"
}

root root
issuer issuer root
leaf web issuer spiffe://demo.test/demo/web
leaf client issuer spiffe://demo.test/demo/client
root strange
issuer strange-issuer strange
leaf stranger strange-issuer spiffe://demo.test/demo/client

identity() { echo "--cert $1.pem --key $1.key --ca root.pem --trust-domain demo.test"; }

# Waits until the server's log says that it listens.
wait_for() {
	tries=0
	until grep -q "$1" server.log; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.05
	done
}

# openssl_server OPTIONS...: serves until it is stopped, answers each line reversed
openssl_server() {
	port=$((port + 1))
	: >server.log
	openssl s_server -accept 127.0.0.1:$port -tls1_3 -cert web.leaf -cert_chain issuer.pem \
		-key web.key -CAfile root.pem -Verify 3 -verify_return_error -rev "$@" \
		>server.log 2>&1 &
	server=$!
	wait_for ACCEPT
}

stop_server() {
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=
}

# our_server OPTIONS...: serves one connection
our_server() {
	port=$((port + 1))
	: >server.log
	# shellcheck disable=SC2046
	timeout 20 "$peer" server --port $port $(identity web) "$@" >server.log 2>&1 &
	server=$!
	wait_for listening
}

our_server_ended() {
	wait "$server"
	status=$?
	server=
}

# openssl_client OPTIONS...: sends a line, waits for the echo
openssl_client() {
	{
		echo "hello from openssl"
		sleep 0.5
	} | timeout 20 openssl s_client -connect 127.0.0.1:$port -tls1_3 -CAfile root.pem \
		-verify 3 -verify_return_error "$@" >client.log 2>&1
}

for cipher in aes chacha; do
	case $cipher in
	aes) suite=TLS_AES_128_GCM_SHA256 number=1301 ;;
	chacha) suite=TLS_CHACHA20_POLY1305_SHA256 number=1303 ;;
	esac
	for group in P-256 X25519; do
		case $group in
		P-256) other=X25519 code=0017 name=p256 ;;
		X25519) other=P-256 code=001d name=x25519 ;;
		esac
		for alpn in "" "-alpn signet/1"; do
			what="our client, $suite, $group, ${alpn:-no ALPN}"
			expected="done cipher $number group $code alpn $([ -n "$alpn" ] && echo 1 || echo 0)"
			# shellcheck disable=SC2086
			openssl_server -ciphersuites $suite -groups $group $alpn
			# shellcheck disable=SC2046
			timeout 20 "$peer" client --port $port $(identity client) --send "hello $group" \
				>client.log 2>&1
			check $? 0 "$what: ends well"
			contains client.log "$expected" "$what: parameters"
			contains client.log "peer spiffe://demo.test/demo/web" "$what: server's ID"
			contains client.log "$(echo "hello $group" | rev)" "$what: data"
			stop_server

			# First the group as it is, then another first so that we ask again.
			for groups in "$group" "$other:$group"; do
				what="our server, $suite, $groups, ${alpn:-no ALPN}"
				our_server --group $name --cipher $cipher
				# shellcheck disable=SC2086
				openssl_client -cert client.leaf -cert_chain issuer.pem \
					-key client.key -groups "$groups" $alpn
				our_server_ended
				check $status 0 "$what: ends well"
				contains server.log "$expected" "$what: parameters"
				contains server.log "peer spiffe://demo.test/demo/client" \
					"$what: client's ID"
				contains client.log "hello from openssl" "$what: echo"
				contains client.log "Verify return code: 0" "$what: OpenSSL agrees"
			done
		done
	done
done

what="client without certificate"
our_server
openssl_client
our_server_ended
contains server.log "no certificate, alert 116" "$what"
contains client.log "alert certificate required\|alert number 116" "$what: is told"

what="client of another authority"
our_server
openssl_client -cert stranger.leaf -cert_chain strange-issuer.pem -key stranger.key
our_server_ended
contains server.log "alert 48" "$what"
contains client.log "alert unknown ca" "$what: is told"

what="client that the owner refuses"
our_server --deny
openssl_client -cert client.leaf -cert_chain issuer.pem -key client.key
our_server_ended
contains server.log "alert 49" "$what"
contains client.log "alert access denied" "$what: is told"

what="client that speaks TLS 1.2 only"
our_server
echo | timeout 20 openssl s_client -connect 127.0.0.1:$port -tls1_2 >client.log 2>&1
our_server_ended
contains server.log "alert 70" "$what"
contains client.log "alert protocol version" "$what: is told"

what="client that speaks HTTP"
our_server
bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf 'GET / HTTP/1.1\\r\\n\\r\\n' >&3 && cat <&3" \
	>client.log 2>&1
our_server_ended
contains server.log "doesn't speak TLS" "$what"

what="server of another authority"
openssl_server -cert stranger.leaf -cert_chain strange-issuer.pem -key stranger.key
# shellcheck disable=SC2046
timeout 20 "$peer" client --port $port $(identity client) >client.log 2>&1
check $? 1 "$what"
contains client.log "alert 48" "$what"
stop_server
contains server.log "alert unknown ca" "$what: is told"

what="server that speaks TLS 1.2 only"
port=$((port + 1))
: >server.log
openssl s_server -accept 127.0.0.1:$port -tls1_2 -cert web.leaf -key web.key -rev >server.log 2>&1 &
server=$!
wait_for ACCEPT
# shellcheck disable=SC2046
timeout 20 "$peer" client --port $port $(identity client) >client.log 2>&1
check $? 1 "$what"
contains client.log "alert 70" "$what"
stop_server

what="server that wants no certificate"
port=$((port + 1))
: >server.log
openssl s_server -accept 127.0.0.1:$port -tls1_3 -cert web.leaf -cert_chain issuer.pem \
	-key web.key -rev >server.log 2>&1 &
server=$!
wait_for ACCEPT
# shellcheck disable=SC2046
timeout 20 "$peer" client --port $port $(identity client) >client.log 2>&1
check $? 1 "$what"
contains client.log "mutual TLS" "$what"
stop_server

echo "interop: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
