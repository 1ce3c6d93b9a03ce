# shellcheck shell=sh
# Finds Java 25 or newer and puts its folder into JAVA_HOME; read by mvnw, tritmill and the scripts
# beside it.
#
# Looks at JAVA_HOME, then at the java on the PATH, then in the folders below. Java tells its version
# and modules in its file "release", so none is started. TRITMILL_JDK_FOLDERS, patterns with colons
# between them, takes the place of the folders.

# The file that a chain of links ends in.
follow_links() {
  followed=$1
  while [ -L "$followed" ]; do
    target=$(readlink "$followed")
    case $target in
      /*) followed=$target ;;
      *) followed=${followed%/*}/$target ;;
    esac
  done
  printf '%s\n' "$followed"
}

# Whether a folder holds Java 25 or newer, with the module that kernels need and PROGRAM in its bin/.
is_java() {
  [ -r "$1/release" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/$2" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge 25 ] || return 1
  ! grep -q '^MODULES=' "$1/release" || grep -q '^MODULES=.*jdk\.incubator\.vector' "$1/release"
}

# Sets JAVA_HOME to a Java that has PROGRAM, or returns 1.
look_for_java() {
  is_java "${JAVA_HOME:-}" "$1" && export JAVA_HOME && return 0
  if path_java=$(command -v java); then
    home=$(follow_links "$path_java")
    home=${home%/bin/java}
    is_java "$home" "$1" && JAVA_HOME=$home && export JAVA_HOME && return 0
  fi
  folders="/usr/lib/jvm/*:/usr/java/*:/opt/*:/opt/java/*:${HOME:-}/.sdkman/candidates/java/*"
  folders="$folders:${HOME:-}/.jdks/*:${HOME:-}/Library/Java/JavaVirtualMachines/*/Contents/Home"
  folders="$folders:/Library/Java/JavaVirtualMachines/*/Contents/Home"
  folders="$folders:/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home"
  saved_separators=$IFS
  IFS=:
  # Unquoted, so that the shell splits the list and expands the patterns; spaces stay as they are.
  for home in ${TRITMILL_JDK_FOLDERS-$folders}; do
    is_java "$home" "$1" && IFS=$saved_separators && JAVA_HOME=$home && export JAVA_HOME && return 0
  done
  IFS=$saved_separators
  return 1
}

# Sets JAVA_HOME to a Java that runs programs, or says what to install and returns 1.
find_java() {
  look_for_java java || needs_java "Java 25 or newer with the module jdk.incubator.vector" JRE
}

# Sets JAVA_HOME to one that also compiles, or says what to install and returns 1.
find_jdk() {
  look_for_java javac || needs_java "a JDK 25 or newer" JDK
}

needs_java() {
  echo "tritmill: needs $1 and found none in JAVA_HOME, on the PATH or in the usual folders:" \
    "install one, for example the $2 25 of Eclipse Temurin, or set JAVA_HOME to it" >&2
  return 1
}
