# Shows the image in the prompt of bash and zsh. See docs/user-guide.md of syschroot.
case $-,${SYSCHROOT_IMAGE-} in
  *i*, | *i*,"${debian_chroot-}") ;;
  *i*,*) case $PS1 in "($SYSCHROOT_IMAGE) "*) ;; *) PS1="($SYSCHROOT_IMAGE) $PS1" ;; esac ;;
esac
