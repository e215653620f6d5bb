# bash completion for signet(1). Install as /usr/share/bash-completion/completions/signet

# The flags of a command.
_signet_flags() {
  case $1 in
    "") echo "--help --version" ;;
    serve) echo "--config --listen --monitor-listen --data --issuer --check-config --help" ;;
    keygen) echo "--kid --no-kid --bits --curve --pem --out --public-out --help" ;;
    sign)
      echo "--key --secret-env --alg --passphrase-env --iss --sub --aud --exp --no-exp --nbf --iat --no-iat --jti --no-jti" \
        "--claim --claim-json --claims --typ --no-typ --header --payload --form --cty --also-key --detached" \
        "--unencoded --help"
      ;;
    verify)
      echo "--key --jwk --jwks --secret-env --alg --cacert --iss --any-iss --aud --all-aud --any-aud --sub --typ --any-typ" \
        "--leeway --allow-missing-exp --require-nbf --max-age --require --at --raw --payload --all-signatures" \
        "--allow-unprotected-alg --json --help"
      ;;
    encrypt) echo "--key --password-env --alg --passphrase-env --enc --typ --cty --form --help" ;;
    decrypt) echo "--key --password-env --alg --passphrase-env --allow-zip --allow-unprotected-alg --json --help" ;;
    inspect) echo "--json --help" ;;
    jwks) echo "--alg --help" ;;
    thumbprint) echo "--help" ;;
    dpop) echo "--key --alg --passphrase-env --method --url --access-token-file --nonce --help" ;;
    convert) echo "--to --public --alg --kid --passphrase-file --new-passphrase-file --pbkdf2 --out --help" ;;
    "keyset list") echo "--json --help" ;;
    "keyset add") echo "--alg --public --passphrase-file --help" ;;
    "keyset remove") echo "--help" ;;
    "keyset rotate") echo "--keep --alg --public --passphrase-file --help" ;;
    keyset | users | sessions | keys | api-keys | audit) echo "--help" ;;
    "sessions list") echo "--json --data --config --help" ;;
    "sessions revoke") echo "--user --all --data --config --help" ;;
    "api-keys list") echo "--json --data --config --help" ;;
    "api-keys create") echo "--label --scope --expires-in --network --data --config --help" ;;
    "api-keys revoke") echo "--data --config --help" ;;
    "users add") echo "--scope --password-file --password-stdin --create --data --config --help" ;;
    "users list") echo "--json --data --config --help" ;;
    "users disable") echo "--data --config --help" ;;
    "users enable") echo "--data --config --help" ;;
    "users search") echo "--json --data --config --help" ;;
    "users set-password") echo "--password-file --password-stdin --must-change --keep-api-keys --data --config --help" ;;
    "users expire-password") echo "--keep-api-keys --data --config --help" ;;
    "users export") echo "--data --config --help" ;;
    "users delete") echo "--data --config --help" ;;
    backup) echo "--data --config --help" ;;
    "audit list") echo "--user --kind --since --limit --json --data --config --help" ;;
    "keys list") echo "--json --data --config --help" ;;
    "keys rotate") echo "--now --data --config --help" ;;
    "keys revoke") echo "--data --config --help" ;;
    "keys import") echo "--key --pkcs11 --alg --passphrase-env --now --create --data --config --help" ;;
    "keys rotate-master") echo "--data --config --help" ;;
    "keys replace-lost") echo "--yes --data --config --help" ;;
  esac
}

# The commands below a command.
_signet_commands() {
  case $1 in
    "") echo "serve keygen sign verify encrypt decrypt inspect jwks thumbprint dpop convert keyset users sessions keys api-keys audit backup" ;;
    sessions) echo "list revoke" ;;
    api-keys) echo "list create revoke" ;;
    users) echo "add list disable enable search set-password expire-password export delete" ;;
    audit) echo "list" ;;
    keys) echo "list rotate revoke import rotate-master replace-lost" ;;
    keyset) echo "list add remove rotate" ;;
  esac
}

_signet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local algorithms="HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 Ed448 ML-DSA-44 ML-DSA-65 ML-DSA-87"
  local managements="ECDH-ES ECDH-ES+A128KW ECDH-ES+A192KW ECDH-ES+A256KW RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512"
  managements+=" A128KW A192KW A256KW A128GCMKW A192GCMKW A256GCMKW"
  managements+=" PBES2-HS256+A128KW PBES2-HS384+A192KW PBES2-HS512+A256KW"
  local command="" word index
  COMPREPLY=()

  for ((index = 1; index < COMP_CWORD; ++index)); do
    word=${COMP_WORDS[index]}
    if [[ " $(_signet_commands "$command") " == *" $word "* ]]; then
      command="${command:+$command }$word"
    elif [[ $word != -* ]]; then
      break
    fi
  done

  case $previous in
    --key | --jwk | --jwks | --cacert | --access-token-file | --claims | --payload | --also-key | --out | --public-out | --password-file | --config | \
      --passphrase-file | --new-passphrase-file)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --data)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      return
      ;;
    --secret-env | --passphrase-env | --password-env)
      mapfile -t COMPREPLY < <(compgen -e -- "$current")
      return
      ;;
    --alg)
      [[ $command == encrypt || $command == decrypt ]] && algorithms=$managements
      mapfile -t COMPREPLY < <(compgen -W "$algorithms" -- "$current")
      return
      ;;
    --method)
      mapfile -t COMPREPLY < <(compgen -W "GET POST PUT PATCH DELETE" -- "$current")
      return
      ;;
    --typ)
      mapfile -t COMPREPLY < <(compgen -W "JWT at+jwt" -- "$current")
      return
      ;;
    --enc)
      mapfile -t COMPREPLY < <(compgen -W "A128CBC-HS256 A192CBC-HS384 A256CBC-HS512 A128GCM A192GCM A256GCM" -- "$current")
      return
      ;;
    --to)
      mapfile -t COMPREPLY < <(compgen -W "jwk pem der" -- "$current")
      return
      ;;
    --curve)
      mapfile -t COMPREPLY < <(compgen -W "P-256 P-384 P-521 X25519 X448" -- "$current")
      return
      ;;
    --form)
      mapfile -t COMPREPLY < <(compgen -W "compact flattened general" -- "$current")
      return
      ;;
    --require)
      mapfile -t COMPREPLY < <(compgen -W "iss sub aud exp nbf iat jti" -- "$current")
      return
      ;;
    --listen | --monitor-listen | --issuer | --kid | --bits | --iss | --sub | --aud | --exp | --nbf | --iat | --jti | --claim | \
      --claim-json | --header | --cty | --url | --nonce | --leeway | --max-age | --at | --scope | --user | --expires-in | --label | --network | --kind | --limit | --since | --keep)
      return
      ;;
  esac

  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_signet_flags "$command")" -- "$current")
    return
  fi
  case $command in
    "" | keyset | users | sessions | keys | api-keys | audit) mapfile -t COMPREPLY < <(compgen -W "$(_signet_commands "$command")" -- "$current") ;;
    keygen) mapfile -t COMPREPLY < <(compgen -W "$algorithms" -- "$current") ;;
    backup | jwks | thumbprint | encrypt | decrypt | convert | "keyset list" | "keyset add" | "keyset remove" | "keyset rotate")
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
  esac
}

complete -F _signet signet
