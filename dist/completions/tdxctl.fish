# SPDX-License-Identifier: MIT
# fish completion for tdxctl

set -l verbs status features metadata decode disable sim connect update
set -l images inspect verify convert identify plan apply recover stage
set -l catalogs list select plan apply
set -l updates $images list select discard wanted history

function __tdxctl_machines
    tdxctl sim show 2>/dev/null | tail -n +2 | string match -r '^\S+'
end

function __tdxctl_fields
    tdxctl metadata list 2>/dev/null | tail -n +2 | string replace -r '^\S+\s+(\S+).*' '$1'
end

function __tdxctl_features
    tdxctl --driver sim features --all 2>/dev/null | string match -rg '^\d+\s+(\S+)'
end

complete -c tdxctl -f
complete -c tdxctl -l json -d 'print one JSON object'
complete -c tdxctl -l driver -x -a 'auto native helper sim sim=(__tdxctl_machines)' -d 'how to reach TDX'
complete -c tdxctl -l root -x -a '(__fish_complete_directories)' -d 'read the host\'s files below this directory'
complete -c tdxctl -s q -l quiet -d 'no text, only the exit code'
complete -c tdxctl -s v -l verbose -d 'log to standard error'
complete -c tdxctl -s h -l help -d 'print help'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -l version -d 'print the version'

complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a status -d 'show what this host is and has'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a features -d 'show what the TDX module can do'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a metadata -d 'read the TDX module\'s global metadata'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a decode -d 'explain numbers'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a disable -d 'leave TDX before a kexec'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a sim -d 'make and show simulated machines'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a connect -d 'bring the TDX module up'
complete -c tdxctl -n "not __fish_seen_subcommand_from $verbs" -a update -d 'know, prove and choose images'

complete -c tdxctl -n '__fish_seen_subcommand_from features; and not __fish_seen_subcommand_from has' -l all -d 'also what the module does not support'
complete -c tdxctl -n '__fish_seen_subcommand_from features; and not __fish_seen_subcommand_from has' -a has -d 'ask for features'
complete -c tdxctl -n '__fish_seen_subcommand_from features; and __fish_seen_subcommand_from has' -a '(__tdxctl_features)'

complete -c tdxctl -n '__fish_seen_subcommand_from metadata; and not __fish_seen_subcommand_from list get dump' -a list -d 'show the table of known fields'
complete -c tdxctl -n '__fish_seen_subcommand_from metadata; and not __fish_seen_subcommand_from list get dump' -a get -d 'read fields by name or id'
complete -c tdxctl -n '__fish_seen_subcommand_from metadata; and not __fish_seen_subcommand_from list get dump' -a dump -d 'read every field'
complete -c tdxctl -n '__fish_seen_subcommand_from metadata; and __fish_seen_subcommand_from get' -a '(__tdxctl_fields)'
complete -c tdxctl -n '__fish_seen_subcommand_from metadata; and __fish_seen_subcommand_from dump' -l method -x -a 'rd rdall' -d 'how to enumerate'

complete -c tdxctl -n '__fish_seen_subcommand_from decode' -l as -x -a 'status seamldr-status np-seamldr-status rax field features attributes xfam config-flags td-ctls sys-attributes' -d 'what the numbers are'

complete -c tdxctl -n '__fish_seen_subcommand_from disable' -l plan -d 'run every check, change nothing'
complete -c tdxctl -n '__fish_seen_subcommand_from disable' -l dry-run -d 'run every check, change nothing'
complete -c tdxctl -n '__fish_seen_subcommand_from disable' -l if-needed -d 'succeed silently where nothing has to be done'
complete -c tdxctl -n '__fish_seen_subcommand_from disable' -l timeout -x -d 'stop after this long'
complete -c tdxctl -n '__fish_seen_subcommand_from disable' -l wait-tds -x -d 'wait this long for TDs to end'
complete -c tdxctl -n '__fish_seen_subcommand_from disable' -s y -l yes -d 'do not ask'

complete -c tdxctl -n '__fish_seen_subcommand_from sim; and not __fish_seen_subcommand_from create reset show' -a create -d 'write a machine file'
complete -c tdxctl -n '__fish_seen_subcommand_from sim; and not __fish_seen_subcommand_from create reset show' -a reset -d 'switch the machine of a file off and on'
complete -c tdxctl -n '__fish_seen_subcommand_from sim; and __fish_seen_subcommand_from reset' -F
complete -c tdxctl -n '__fish_seen_subcommand_from sim; and not __fish_seen_subcommand_from create reset show' -a show -d 'show machines'
complete -c tdxctl -n '__fish_seen_subcommand_from sim; and __fish_seen_subcommand_from show' -F -a '(__tdxctl_machines)'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -F
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l profile -x -a '(__tdxctl_machines)' -d 'built-in machine to start from'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l packages -x -d 'CPU packages'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l lps -x -d 'LPs in all packages together'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l boot -x -a 'no-vmx no-seam no-seamldr no-module loaded ready' -d 'how far the machine has come'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l module -x -d 'version of the TDX module'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l seamldr -x -d 'version of the P-SEAMLDR'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l features0 -x -d 'TDX_FEATURES0 of the module'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l updates -x -d 'updates left after power on'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l tds -x -d 'TDs that are alive'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l trusted-key -r -d 'public key that images may be signed with'
complete -c tdxctl -n '__fish_seen_subcommand_from create' -l faults -x -d 'calls that fail'

complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a inspect -d 'show what images say about themselves'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a verify -d 'prove that images are whole and signed'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a convert -d 'write an image in another form'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a identify -d 'say which release this is'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a list -d 'show which images fit this host'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a select -d 'choose the image to update to'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a plan -d 'check all that an update could fail at'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a apply -d 'replace the running TDX module'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a recover -d 'take up an update that was broken off'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a stage -d 'keep an image to be applied later'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a discard -d 'forget the staged image'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a wanted -d 'say which release this host is meant to run'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and not __fish_seen_subcommand_from $updates" -a history -d 'show what was done'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from $images" -F
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from plan apply" -l require-no-tds -d 'refuse while a TD exists'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from plan" -l all -d 'also show the rules that hold'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from apply recover" -l dry-run -d 'run every check and stop there'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from apply recover" -l yes -d 'do not ask'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from apply" -l timeout -x -d 'stop waiting after this long'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from stage recover" -l key -r -d 'public key in place of Intel\'s'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from wanted" -l clear -d 'want none any more'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from $catalogs" -l catalog -r -d 'folder of images, or a list of releases'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from $catalogs" -l key -r -d 'public key in place of Intel\'s'
complete -c tdxctl -n "__fish_seen_subcommand_from update; and __fish_seen_subcommand_from $catalogs" -l strict -d 'insist on strictly compatible releases'
complete -c tdxctl -n '__fish_seen_subcommand_from update; and __fish_seen_subcommand_from select' -l policy -x -a 'newest smallest-step pinned=' -d 'what to choose'
complete -c tdxctl -n '__fish_seen_subcommand_from update; and __fish_seen_subcommand_from select' -l explain -d 'also show why the others were rejected'
complete -c tdxctl -n '__fish_seen_subcommand_from update; and __fish_seen_subcommand_from verify' -l key -r -d 'public key in place of Intel\'s'
complete -c tdxctl -n '__fish_seen_subcommand_from update; and __fish_seen_subcommand_from verify' -l all -d 'also show the rules that hold'
complete -c tdxctl -n '__fish_seen_subcommand_from update; and __fish_seen_subcommand_from convert' -l format -x -a '0x200 0x100 parts' -d 'form to write'

complete -c tdxctl -n '__fish_seen_subcommand_from connect; and not __fish_seen_subcommand_from show plan configure' -a show -d 'show what there is of TDX Connect'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and not __fish_seen_subcommand_from show plan configure' -a plan -d 'show how the module would be brought up'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and not __fish_seen_subcommand_from show plan configure' -a configure -d 'bring the TDX module up'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from plan' -l machine -r -F -d 'plan for the machine in this file'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from plan configure' -l features -x -a 'connect dynamic-pamt quote' -d 'features to switch on'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from plan configure' -l wall-clock -x -a 'none now' -d 'the time to tell the module'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from configure' -l take-over -d 'disable a module that is ready first'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from configure' -l dry-run -d 'run every check and stop there'
complete -c tdxctl -n '__fish_seen_subcommand_from connect; and __fish_seen_subcommand_from configure' -s y -l yes -d 'do not ask'
