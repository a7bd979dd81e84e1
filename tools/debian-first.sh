# Sourced: Debian's programs are found before others of the same name. A version manager's python3 takes ten
# times as long to start, and is started hundreds of times; another Rust may lack the target.
export PATH=/usr/bin:$PATH
