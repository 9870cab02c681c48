# Shows the image in the prompt of bash and zsh. See docs/user-guide.md of syschroot.
case $-,${SYSCHROOT_IMAGE-} in
  *i*, | *i*,"${BASH_VERSION:+${debian_chroot-}}") ;;
  *i*,*) case "$PS1 ${RPROMPT-}" in *"($SYSCHROOT_IMAGE)"*) ;; *) PS1="($SYSCHROOT_IMAGE) $PS1" ;; esac ;;
esac
