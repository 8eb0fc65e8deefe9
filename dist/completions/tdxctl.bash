# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for tdxctl. Names of features, fields and machines are asked of the program; that needs no TDX.

# _tdxctl_names WORD ARGUMENT...: the names in the JSON that tdxctl prints, in the case in which WORD is typed.
_tdxctl_names() {
  local fold=cat
  [[ $1 != *[a-z]* ]] || fold='tr A-Z a-z'
  "${COMP_WORDS[0]}" --json "${@:2}" 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d '"' -f 4 | $fold
}

_tdxctl() {
  local global='--help --json --driver --root --quiet --verbose --version'
  local create='--profile --packages --lps --boot --module --seamldr --features0 --updates --tds --trusted-key --faults'
  local valued=" --driver --root --as --method --key --format --timeout --wait-tds --catalog --policy --machine --features --wall-clock $create "
  local arguments=() words=() option='' choices='' files='' current word i

  # bash has taken the words apart at every '='.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if ((i > 1)) && [[ ${COMP_WORDS[i]} == '=' || ${COMP_WORDS[i - 1]} == '=' ]]; then
      arguments[-1]+=${COMP_WORDS[i]}
    else
      arguments+=("${COMP_WORDS[i]}")
    fi
  done
  current=${arguments[-1]}
  for word in "${arguments[@]::${#arguments[@]}-1}"; do
    if [[ $option ]]; then
      option=''
    elif [[ $valued == *" $word "* ]]; then
      option=$word
    elif [[ $word != -* ]]; then
      words+=("$word")
    fi
  done
  if [[ ! $option && $current == --*=* ]]; then
    option=${current%%=*} current=${current#*=}
  fi

  if [[ $option == --driver && $current == sim=* ]]; then
    option=--profile current=${current#sim=} files=-f
  fi
  case $option in
  --driver) choices='auto native helper sim' ;;
  --root) files=-d ;;
  --as) choices='status seamldr-status np-seamldr-status rax field features attributes xfam config-flags td-ctls sys-attributes' ;;
  --method) choices='rd rdall' ;;
  --key | --trusted-key | --catalog | --machine) files=-f ;;
  --policy) choices='newest smallest-step pinned=' ;;
  --features) choices='connect dynamic-pamt quote' ;;
  --wall-clock) choices='none now' ;;
  --format) choices='0x200 0x100 parts' ;;
  --profile) choices=$(_tdxctl_names "$current" sim show) ;;
  --boot) choices='no-vmx no-seam no-seamldr no-module loaded ready' ;;
  '')
    case ${words[*]} in
    '') choices='status features metadata decode disable sim connect update' ;;
    features) choices='has --all' ;;
    'features has'*) choices=$(_tdxctl_names "$current" --driver sim features) ;;
    metadata) choices='list get dump' ;;
    'metadata get'*) choices=$(_tdxctl_names "$current" metadata list) ;;
    'metadata dump') choices='--method' ;;
    decode*) choices='- --as' ;;
    disable) choices='--plan --dry-run --if-needed --timeout --wait-tds --yes' ;;
    sim) choices='create reset show' ;;
    'sim create'*) choices=$create files=-f ;;
    'sim reset') files=-f ;;
    'sim show') choices=$(_tdxctl_names "$current" sim show) files=-f ;;
    connect) choices='show plan configure' ;;
    'connect plan') choices='--machine --features --wall-clock' ;;
    'connect configure') choices='--features --wall-clock --take-over --dry-run --yes' ;;
    update) choices='inspect verify convert identify list select plan apply recover stage discard wanted history' ;;
    'update verify'*) choices='--key --all' files=-f ;;
    'update convert'*) choices=--format files=-f ;;
    'update list'*) choices='--catalog --key --strict' ;;
    'update select'*) choices='--policy --explain --catalog --key --strict' ;;
    'update plan'*) choices='--all --require-no-tds --catalog --key --strict' files=-f ;;
    'update recover'*) choices='--dry-run --yes --key' files=-f ;;
    'update apply'*) choices='--dry-run --yes --timeout --require-no-tds --catalog --key --strict' files=-f ;;
    'update stage'*) choices=--key files=-f ;;
    'update wanted'*) choices=--clear ;;
    'update discard'* | 'update history'*) ;;
    'update '*) files=-f ;;
    esac
    choices+=" $global"
    # Options are offered where one is begun.
    [[ $current == -* ]] || choices=$(tr ' ' '\n' <<<"$choices" | grep -v '^--')
    ;;
  esac

  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current")
  if [[ $files && $current != -* ]]; then
    compopt -o filenames
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$files" -- "$current")
  fi
}

complete -F _tdxctl tdxctl
