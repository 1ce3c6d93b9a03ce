# Finds a JDK 25 or newer and puts it into JAVA_HOME; read by mvnw and tritmill.
#
# Looks at JAVA_HOME, then at the java on the PATH, then in the folders below. A JDK tells its
# version in its file "release", so none is started. TRITMILL_JDK_FOLDERS, patterns with colons
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

# Whether a folder holds a whole JDK of version 25 or newer.
is_jdk() {
  [ -r "$1/release" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge 25 ]
}

# Sets JAVA_HOME, or says what to install and returns 1.
find_jdk() {
  is_jdk "${JAVA_HOME:-}" && return 0
  if path_java=$(command -v java); then
    home=$(follow_links "$path_java")
    home=${home%/bin/java}
    is_jdk "$home" && JAVA_HOME=$home && export JAVA_HOME && return 0
  fi
  folders="/usr/lib/jvm/*:/usr/java/*:/opt/*:/opt/java/*:${HOME:-}/.sdkman/candidates/java/*"
  folders="$folders:${HOME:-}/.jdks/*:${HOME:-}/Library/Java/JavaVirtualMachines/*/Contents/Home"
  folders="$folders:/Library/Java/JavaVirtualMachines/*/Contents/Home"
  folders="$folders:/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home"
  saved_separators=$IFS
  IFS=:
  # Unquoted, so that the shell splits the list and expands the patterns; spaces stay as they are.
  for home in ${TRITMILL_JDK_FOLDERS-$folders}; do
    is_jdk "$home" && IFS=$saved_separators && JAVA_HOME=$home && export JAVA_HOME && return 0
  done
  IFS=$saved_separators
  echo "Tritmill needs a JDK 25 or newer and found none in JAVA_HOME, on the PATH or in the usual" \
    "folders: install one, for example Eclipse Temurin 25, or set JAVA_HOME to it." >&2
  return 1
}
