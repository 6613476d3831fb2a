# Homebrew's formula, for the archive that "make -C build dist" leaves:
#
#     brew install --build-from-source scripts/homebrew/gcpresence.rb
#
# Not tried: there was no Homebrew to try it with.  It parses, and names the
# libraries that configure asks for.
class Gcpresence < Formula
  desc "Stream of the presence of Genesys Cloud users"
  homepage "file://#{__dir__}/../../README.md"
  url "file://#{__dir__}/../../build/gcpresence-0.1.0.tar.xz"
  license "MIT"

  depends_on "pkg-config" => :build
  depends_on "curl"
  depends_on "json-c"
  depends_on "libwebsockets"
  depends_on "libyaml"
  depends_on "ncurses"
  depends_on "openssl@3"
  depends_on "util-linux" # libsmartcols

  def install
    system "./configure", *std_configure_args, "--sysconfdir=#{etc}",
           "--without-systemd", "--with-systemdsystemunitdir=no"
    system "make", "install", "zshcompletiondir=#{zsh_completion}",
           "bashcompletiondir=#{bash_completion}",
           "fishcompletiondir=#{fish_completion}"
  end

  service do
    run [opt_bin/"gcpresence", "--file", etc/"gcpresence/team.yaml",
         "--state", var/"lib/gcpresence/team.state"]
    keep_alive successful_exit: false
    log_path var/"log/gcpresence-team.ndjson"
    error_log_path var/"log/gcpresence-team.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/gcpresence --version")
    ids = shell_output("#{bin}/gcpresence-sim --ids --users 3")
    assert_match "topics        3", pipe_output("#{bin}/gcpresence --plan", ids)
  end
end
