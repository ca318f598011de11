"""Scripts for those who maintain safepublish."""
