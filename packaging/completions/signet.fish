# fish completion for signet(1). Install as /usr/share/fish/vendor_completions.d/signet.fish

set -g __signet_algorithms HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448 \
    ML-DSA-44 ML-DSA-65 ML-DSA-87

set -g __signet_managements ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 \
    A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW

# Whether exactly these words, a command and what is below it, have been given.
function __signet_in
    set -l words (string match --invert -- '-*' (commandline -opc))
    set -l depth (math (count $argv) + 1)
    test (count $words) -ge $depth; and test "$words[2..$depth]" = "$argv"
end

# Whether no word has been given after these.
function __signet_wants_command
    set -l words (string match --invert -- '-*' (commandline -opc))
    test "$words[2..-1]" = "$argv"
end

complete -c signet -f
complete -c signet -s h -l help -d 'print help'

complete -c signet -n '__signet_wants_command' -l version -d 'print the version'
complete -c signet -n __signet_wants_command -a serve -d 'run the login server'
complete -c signet -n __signet_wants_command -a keygen -d 'make a key'
complete -c signet -n __signet_wants_command -a sign -d 'sign a token'
complete -c signet -n __signet_wants_command -a verify -d 'verify tokens'
complete -c signet -n __signet_wants_command -a encrypt -d 'encrypt for those who have the keys'
complete -c signet -n __signet_wants_command -a decrypt -d 'decrypt a message'
complete -c signet -n __signet_wants_command -a inspect -d 'show what a token says, without verifying it'
complete -c signet -n __signet_wants_command -a jwks -d 'make a public JWK Set of keys'
complete -c signet -n __signet_wants_command -a thumbprint -d 'print the RFC 7638 thumbprint of a key'
complete -c signet -n __signet_wants_command -a convert -d 'write a key in another form'
complete -c signet -n __signet_wants_command -a keyset -d 'list, add, remove and rotate keys of a JWK Set in a file'
complete -c signet -n '__signet_wants_command keyset' -a list -d 'list the keys of a set'
complete -c signet -n '__signet_wants_command keyset' -a add -d 'add keys to a set'
complete -c signet -n '__signet_wants_command keyset' -a remove -d 'remove keys from a set'
complete -c signet -n '__signet_wants_command keyset' -a rotate -d 'put a new key first, and let the last ones go'
complete -c signet -n __signet_wants_command -a dpop -d 'prove possession of a key for one request'
complete -c signet -n __signet_wants_command -a sessions -d 'list and revoke sessions'
complete -c signet -n __signet_wants_command -a api-keys -d 'list, make and revoke API keys'
complete -c signet -n __signet_wants_command -a users -d 'manage users of the server'
complete -c signet -n '__signet_wants_command sessions' -a list -d 'list a user\'s sessions'
complete -c signet -n '__signet_wants_command sessions' -a revoke -d 'end sessions and revoke their tokens'
complete -c signet -n '__signet_wants_command api-keys' -a list -d 'list a user\'s API keys'
complete -c signet -n '__signet_wants_command api-keys' -a create -d 'make an API key for a user'
complete -c signet -n '__signet_wants_command api-keys' -a revoke -d 'take an API key back'
complete -c signet -n __signet_wants_command -a audit -d 'look at the server\'s security events'
complete -c signet -n __signet_wants_command -a backup -d 'copy the server\'s database while it runs'
complete -c signet -n __signet_wants_command -a keys -d 'list, rotate, revoke and import signing keys'
complete -c signet -n '__signet_wants_command users' -a add -d 'add a user'
complete -c signet -n '__signet_wants_command users' -a list -d 'list users'
complete -c signet -n '__signet_wants_command users' -a disable -d 'lock a user out'
complete -c signet -n '__signet_wants_command users' -a enable -d 'let a user in again'
complete -c signet -n '__signet_wants_command users' -a search -d 'list users whose name begins with a text'
complete -c signet -n '__signet_wants_command users' -a set-password -d 'give a user another password'
complete -c signet -n '__signet_wants_command users' -a expire-password -d 'end a user\'s sessions and want a new password'
complete -c signet -n '__signet_wants_command users' -a export -d 'print all that is kept of a user'
complete -c signet -n '__signet_wants_command users' -a delete -d 'delete a user'
complete -c signet -n '__signet_wants_command audit' -a list -d 'list security events, newest first'
complete -c signet -n '__signet_wants_command keys' -a list -d 'list the signing keys'
complete -c signet -n '__signet_wants_command keys' -a rotate -d 'announce the next signing key'
complete -c signet -n '__signet_wants_command keys' -a revoke -d 'take a key that others may have out of use'
complete -c signet -n '__signet_wants_command keys' -a import -d 'announce a signing key made elsewhere'
complete -c signet -n '__signet_wants_command keys' -a rotate-master -d 'put a new master key in front of the old one'
complete -c signet -n '__signet_wants_command keys' -a replace-lost -d 'go on without the keys of a lost master key'

# signet serve
complete -c signet -n '__signet_in serve' -l config -r -F -d 'configuration, TOML'
complete -c signet -n '__signet_in serve' -l listen -x -d 'where to listen'
complete -c signet -n '__signet_in serve' -l monitor-listen -x -d 'where health and metrics listen'
complete -c signet -n '__signet_in serve' -l data -x -a '(__fish_complete_directories)' -d 'database, keys and secrets'
complete -c signet -n '__signet_in serve' -l issuer -x -d 'the iss of tokens'
complete -c signet -n '__signet_in serve' -l check-config -d 'check the configuration and start nothing'

# signet keygen
complete -c signet -n '__signet_in keygen' -l kid -x -d 'key id'
complete -c signet -n '__signet_in keygen' -l no-kid -d 'no key id'
complete -c signet -n '__signet_in keygen' -l bits -x -a '2048 3072 4096' -d 'size of an RSA key'
complete -c signet -n '__signet_in keygen' -l curve -x -a 'P-256 P-384 P-521 X25519 X448' -d 'curve of an ECDH-ES key'
complete -c signet -n '__signet_in keygen' -l pem -d 'PEM instead of a JWK'
complete -c signet -n '__signet_in keygen' -l out -r -F -d 'write the private key to a new file'
complete -c signet -n '__signet_in keygen' -l public-out -r -F -d 'write the public key to a new file'
complete -c signet -n '__signet_in keygen' -a "$__signet_algorithms"

# signet convert
complete -c signet -n '__signet_in convert' -l to -x -a 'jwk pem der' -d 'form'
complete -c signet -n '__signet_in convert' -l public -d 'the public half of a private key'
complete -c signet -n '__signet_in convert' -l alg -x -a "$__signet_algorithms" -d 'algorithm of the JWK, when the key does not say'
complete -c signet -n '__signet_in convert' -l kid -x -d 'key id of the JWK'
complete -c signet -n '__signet_in convert' -l passphrase-file -r -F -d 'file that holds the passphrase of an encrypted key'
complete -c signet -n '__signet_in convert' -l new-passphrase-file -r -F -d 'file that holds the passphrase to encrypt the key with'
complete -c signet -n '__signet_in convert' -l pbkdf2 -d 'hash that passphrase with PBKDF2 instead of scrypt'
complete -c signet -n '__signet_in convert' -l out -r -F -d 'write to a new file'
complete -c signet -n '__signet_in convert' -F

# signet keyset
complete -c signet -n '__signet_in keyset list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in keyset add' -l alg -x -a "$__signet_algorithms" -d 'algorithm of keys that name none'
complete -c signet -n '__signet_in keyset add' -l public -d 'the public half of private keys'
complete -c signet -n '__signet_in keyset add' -l passphrase-file -r -F -d 'file that holds the passphrase of an encrypted key'
complete -c signet -n '__signet_in keyset rotate' -l keep -x -d 'how many keys stay'
complete -c signet -n '__signet_in keyset rotate' -l alg -x -a "$__signet_algorithms" -d 'algorithm of the key, when it names none'
complete -c signet -n '__signet_in keyset rotate' -l public -d 'the public half of a private key'
complete -c signet -n '__signet_in keyset rotate' -l passphrase-file -r -F -d 'file that holds the passphrase of an encrypted key'
complete -c signet -n '__signet_in keyset list; or __signet_in keyset add; or __signet_in keyset remove; or __signet_in keyset rotate' -F

# signet sign
complete -c signet -n '__signet_in sign' -l key -r -F -d 'private key, JWK or PEM'
complete -c signet -n '__signet_in sign' -l secret-env -x -a '(set --names --export)' -d 'environment variable that holds the HMAC secret'
complete -c signet -n '__signet_in sign' -l alg -x -a "$__signet_algorithms" -d 'algorithm, when the key does not say'
complete -c signet -n '__signet_in sign' -l passphrase-env -x -a '(set --names --export)' -d 'environment variable that holds the passphrase'
complete -c signet -n '__signet_in sign' -l iss -x -d 'issuer'
complete -c signet -n '__signet_in sign' -l sub -x -d 'subject'
complete -c signet -n '__signet_in sign' -l aud -x -d 'audience'
complete -c signet -n '__signet_in sign' -l exp -x -a '15m 1h 1d' -d 'expiry'
complete -c signet -n '__signet_in sign' -l no-exp -d 'a token that never expires'
complete -c signet -n '__signet_in sign' -l nbf -x -d 'not valid before'
complete -c signet -n '__signet_in sign' -l iat -x -d 'issue time'
complete -c signet -n '__signet_in sign' -l no-iat -d 'no issue time'
complete -c signet -n '__signet_in sign' -l jti -x -d 'token id'
complete -c signet -n '__signet_in sign' -l no-jti -d 'no token id'
complete -c signet -n '__signet_in sign' -l claim -x -d 'a claim whose value is a string'
complete -c signet -n '__signet_in sign' -l claim-json -x -d 'a claim whose value is JSON'
complete -c signet -n '__signet_in sign' -l claims -r -F -d 'claims from a JSON object'
complete -c signet -n '__signet_in sign' -l typ -x -a 'JWT at+jwt' -d 'header typ'
complete -c signet -n '__signet_in sign' -l no-typ -d 'no header typ'
complete -c signet -n '__signet_in sign' -l header -x -d 'another header member'
complete -c signet -n '__signet_in sign' -l payload -r -F -d 'sign these bytes instead of claims'
complete -c signet -n '__signet_in sign' -l form -x -a 'compact flattened general' -d 'serialization'
complete -c signet -n '__signet_in sign' -l cty -x -d 'header cty'
complete -c signet -n '__signet_in sign' -l also-key -r -F -d 'another signature, by this key'
complete -c signet -n '__signet_in sign' -l detached -d 'a message without its payload'
complete -c signet -n '__signet_in sign' -l unencoded -d 'not in base64url'

# signet verify
complete -c signet -n '__signet_in verify' -l key -r -F -d 'key, PEM, certificate or JWK'
complete -c signet -n '__signet_in verify' -l jwk -r -F -d 'key, JWK'
complete -c signet -n '__signet_in verify' -l jwks -r -F -d 'JWK Set, a file or an https address'
complete -c signet -n '__signet_in verify' -l secret-env -x -a '(set --names --export)' -d 'environment variable that holds the HMAC secret'
complete -c signet -n '__signet_in verify' -l alg -x -a "$__signet_algorithms" -d 'algorithm, when the key does not say'
complete -c signet -n '__signet_in verify' -l cacert -r -F -d 'authorities for the address, PEM'
complete -c signet -n '__signet_in verify' -l iss -x -d 'expected issuer'
complete -c signet -n '__signet_in verify' -l any-iss -d 'any issuer will do'
complete -c signet -n '__signet_in verify' -l aud -x -d 'expected audience'
complete -c signet -n '__signet_in verify' -l all-aud -d 'all of the --aud, not any'
complete -c signet -n '__signet_in verify' -l any-aud -d 'any audience will do'
complete -c signet -n '__signet_in verify' -l sub -x -d 'expected subject'
complete -c signet -n '__signet_in verify' -l typ -x -a 'JWT at+jwt' -d 'expected header typ'
complete -c signet -n '__signet_in verify' -l any-typ -d 'any typ will do'
complete -c signet -n '__signet_in verify' -l leeway -x -d 'allowance for clocks that differ'
complete -c signet -n '__signet_in verify' -l allow-missing-exp -d 'accept a token that never expires'
complete -c signet -n '__signet_in verify' -l require-nbf -d 'refuse a token without nbf'
complete -c signet -n '__signet_in verify' -l max-age -x -d 'refuse a token issued longer ago'
complete -c signet -n '__signet_in verify' -l require -x -a 'iss sub aud exp nbf iat jti' -d 'refuse a token without this claim'
complete -c signet -n '__signet_in verify' -l at -x -d 'verify as of this instant'
complete -c signet -n '__signet_in verify' -l raw -d 'the payload is not claims'
complete -c signet -n '__signet_in verify' -l payload -r -F -d 'the payload of detached messages'
complete -c signet -n '__signet_in verify' -l all-signatures -d 'of several, all must hold'
complete -c signet -n '__signet_in verify' -l allow-unprotected-alg -d 'alg may stand outside the protected header'
complete -c signet -n '__signet_in verify' -l json -d 'one JSON object a line'

# signet encrypt
complete -c signet -n '__signet_in encrypt' -l key -r -F -d 'key of a recipient'
complete -c signet -n '__signet_in encrypt' -l password-env -x -a '(set --names --export)' -d 'environment variable that holds a password'
complete -c signet -n '__signet_in encrypt' -l alg -x -a "$__signet_managements" -d 'key management algorithm'
complete -c signet -n '__signet_in encrypt' -l passphrase-env -x -a '(set --names --export)' -d 'environment variable that holds the passphrase'
complete -c signet -n '__signet_in encrypt' -l enc -x -a 'A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM' -d 'content encryption'
complete -c signet -n '__signet_in encrypt' -l typ -x -d 'header typ'
complete -c signet -n '__signet_in encrypt' -l cty -x -d 'header cty'
complete -c signet -n '__signet_in encrypt' -l form -x -a 'compact flattened general' -d 'serialization'
complete -c signet -n '__signet_in encrypt' -F

# signet decrypt
complete -c signet -n '__signet_in decrypt' -l key -r -F -d 'private or octet key'
complete -c signet -n '__signet_in decrypt' -l password-env -x -a '(set --names --export)' -d 'environment variable that holds the password'
complete -c signet -n '__signet_in decrypt' -l alg -x -a "$__signet_managements" -d 'key management algorithm'
complete -c signet -n '__signet_in decrypt' -l passphrase-env -x -a '(set --names --export)' -d 'environment variable that holds the passphrase'
complete -c signet -n '__signet_in decrypt' -l allow-zip -d 'accept compressed content'
complete -c signet -n '__signet_in decrypt' -l allow-unprotected-alg -d 'alg and enc may stand outside the protected header'
complete -c signet -n '__signet_in decrypt' -l json -d 'one JSON object'
complete -c signet -n '__signet_in decrypt' -F

# signet inspect
complete -c signet -n '__signet_in inspect' -l json -d 'one JSON object'

# signet jwks
complete -c signet -n '__signet_in jwks' -l alg -x -a 'RS256 RS384 RS512 PS256 PS384 PS512' -d 'algorithm of RSA keys that name none'
complete -c signet -n '__signet_in jwks' -F

# signet thumbprint
complete -c signet -n '__signet_in thumbprint' -F

# signet dpop
complete -c signet -n '__signet_in dpop' -l key -r -F -d 'private key, JWK or PEM'
complete -c signet -n '__signet_in dpop' -l alg -x -a "$__signet_algorithms" -d 'algorithm, when the key does not say'
complete -c signet -n '__signet_in dpop' -l passphrase-env -x -a '(set --names --export)' -d 'environment variable that holds the passphrase'
complete -c signet -n '__signet_in dpop' -l method -x -a 'GET POST PUT PATCH DELETE' -d 'the request\'s method'
complete -c signet -n '__signet_in dpop' -l url -x -d 'the request\'s URL'
complete -c signet -n '__signet_in dpop' -l access-token-file -r -F -d 'the access token that is sent with it'
complete -c signet -n '__signet_in dpop' -l nonce -x -d 'what the server last sent as DPoP-Nonce'

# signet sessions list
complete -c signet -n '__signet_in sessions list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in sessions list' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in sessions list' -l config -r -F -d 'the server\'s configuration'

# signet sessions revoke
complete -c signet -n '__signet_in sessions revoke' -l user -x -d 'sessions of this user'
complete -c signet -n '__signet_in sessions revoke' -l all -d 'all of them'
complete -c signet -n '__signet_in sessions revoke' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in sessions revoke' -l config -r -F -d 'the server\'s configuration'

# signet api-keys list
complete -c signet -n '__signet_in api-keys list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in api-keys list' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in api-keys list' -l config -r -F -d 'the server\'s configuration'

# signet api-keys create
complete -c signet -n '__signet_in api-keys create' -l label -x -d 'what the key is for'
complete -c signet -n '__signet_in api-keys create' -l scope -x -d 'scopes of the user\'s; otherwise all but admin:...'
complete -c signet -n '__signet_in api-keys create' -l expires-in -x -a '12h 30d 90d' -d 'how long it lives'
complete -c signet -n '__signet_in api-keys create' -l network -x -d 'where it may be used from'
complete -c signet -n '__signet_in api-keys create' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in api-keys create' -l config -r -F -d 'the server\'s configuration'

# signet api-keys revoke
complete -c signet -n '__signet_in api-keys revoke' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in api-keys revoke' -l config -r -F -d 'the server\'s configuration'

# signet users add
complete -c signet -n '__signet_in users add' -l scope -x -d 'scopes of its tokens'
complete -c signet -n '__signet_in users add' -l password-file -r -F -d 'take the password from a file'
complete -c signet -n '__signet_in users add' -l password-stdin -d 'take the password from standard input'
complete -c signet -n '__signet_in users add' -l create -d 'make the data directory when it is not there'
complete -c signet -n '__signet_in users add' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users add' -l config -r -F -d 'the server\'s configuration'

# signet users list
complete -c signet -n '__signet_in users list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in users list' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users list' -l config -r -F -d 'the server\'s configuration'

# signet users disable
complete -c signet -n '__signet_in users disable' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users disable' -l config -r -F -d 'the server\'s configuration'

# signet users enable
complete -c signet -n '__signet_in users enable' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users enable' -l config -r -F -d 'the server\'s configuration'

# signet users search
complete -c signet -n '__signet_in users search' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in users search' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users search' -l config -r -F -d 'the server\'s configuration'

# signet users set-password
complete -c signet -n '__signet_in users set-password' -l password-file -r -F -d 'take the password from a file'
complete -c signet -n '__signet_in users set-password' -l password-stdin -d 'take the password from standard input'
complete -c signet -n '__signet_in users set-password' -l must-change -d 'the user has to choose another one'
complete -c signet -n '__signet_in users set-password' -l keep-api-keys -d 'leave the user\'s API keys alone'
complete -c signet -n '__signet_in users set-password' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users set-password' -l config -r -F -d 'the server\'s configuration'

# signet users expire-password
complete -c signet -n '__signet_in users expire-password' -l keep-api-keys -d 'leave the user\'s API keys alone'
complete -c signet -n '__signet_in users expire-password' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users expire-password' -l config -r -F -d 'the server\'s configuration'

# signet users export
complete -c signet -n '__signet_in users export' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users export' -l config -r -F -d 'the server\'s configuration'

# signet users delete
complete -c signet -n '__signet_in users delete' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in users delete' -l config -r -F -d 'the server\'s configuration'

# signet backup
complete -c signet -n '__signet_in backup' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in backup' -l config -r -F -d 'the server\'s configuration'

# signet audit list
complete -c signet -n '__signet_in audit list' -l user -x -d 'events of this user'
complete -c signet -n '__signet_in audit list' -l kind -x -a 'login login_failed refresh_reuse session_revoked account_disabled api_key_created' -d 'events of this kind'
complete -c signet -n '__signet_in audit list' -l since -x -a '-1h -24h' -d 'not before'
complete -c signet -n '__signet_in audit list' -l limit -x -d 'at most so many'
complete -c signet -n '__signet_in audit list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in audit list' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in audit list' -l config -r -F -d 'the server\'s configuration'

# signet keys list
complete -c signet -n '__signet_in keys list' -l json -d 'one JSON object a line'
complete -c signet -n '__signet_in keys list' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys list' -l config -r -F -d 'the server\'s configuration'

# signet keys rotate
complete -c signet -n '__signet_in keys rotate' -l now -d 'sign with it at once'
complete -c signet -n '__signet_in keys rotate' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys rotate' -l config -r -F -d 'the server\'s configuration'

# signet keys revoke
complete -c signet -n '__signet_in keys revoke' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys revoke' -l config -r -F -d 'the server\'s configuration'

# signet keys import
complete -c signet -n '__signet_in keys import' -l key -r -F -d 'private key, JWK or PEM'
complete -c signet -n '__signet_in keys import' -l pkcs11 -x -d 'where the key is in the HSM'
complete -c signet -n '__signet_in keys import' -l alg -x -a "$__signet_algorithms" -d 'algorithm, when the key does not say'
complete -c signet -n '__signet_in keys import' -l passphrase-env -x -a '(set --names --export)' -d 'environment variable that holds the passphrase of an encrypted PEM'
complete -c signet -n '__signet_in keys import' -l now -d 'sign with it at once'
complete -c signet -n '__signet_in keys import' -l create -d 'make the data directory when it is not there'
complete -c signet -n '__signet_in keys import' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys import' -l config -r -F -d 'the server\'s configuration'

# signet keys rotate-master
complete -c signet -n '__signet_in keys rotate-master' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys rotate-master' -l config -r -F -d 'the server\'s configuration'

# signet keys replace-lost
complete -c signet -n '__signet_in keys replace-lost' -l yes -d 'do it; without it, only list them'
complete -c signet -n '__signet_in keys replace-lost' -l data -x -a '(__fish_complete_directories)' -d 'the server\'s data directory'
complete -c signet -n '__signet_in keys replace-lost' -l config -r -F -d 'the server\'s configuration'
