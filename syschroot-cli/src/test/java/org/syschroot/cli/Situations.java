// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The rows of the conformance table. */
final class Situations {
  /** What the images hold besides their Debian, as shell commands about {@code /mnt/tree}. */
  static final String CHANGES =
      """
      tree=/mnt/tree
      printf 'echo text "$@"\\n' > $tree/usr/bin/textprogram
      printf '#!/no/such/interpreter\\n' > $tree/usr/bin/orphan
      printf '#!/bin/sh\\necho local\\n' > $tree/usr/local/bin/localprogram
      printf 'data' > $tree/usr/bin/notexecutable
      printf '#!/bin/sh\\necho script "$@"\\n' > $tree/usr/bin/shellscript
      chmod 755 $tree/usr/bin/textprogram $tree/usr/bin/orphan $tree/usr/local/bin/localprogram $tree/usr/bin/shellscript
      chmod 644 $tree/usr/bin/notexecutable
      mkdir -p $tree/srv/same $tree/srv/real $tree/mnt/hl
      ln -s /srv/real $tree/srv/link
      echo inside > $tree/srv/real/mark
      """;

  private static final String STATUS =
      "open F, '/proc/self/status'; for (<F>) { print if /^(%s):/ }";

  private Situations() {}

  static List<Situation> all() {
    return Stream.of(
            process(),
            files(),
            environment(),
            arguments(),
            directories(),
            shells(),
            search(),
            mounts(),
            settings(),
            ends())
        .flatMap(List::stream)
        .toList();
  }

  private static String status(String fields) {
    return String.format(STATUS, fields);
  }

  private static Situation process(String name) {
    return Situation.of("process", name);
  }

  private static List<Situation> process() {
    List<Situation> rows = new ArrayList<>();
    rows.add(process("umask").state("umask 0137").perl("printf '%o', umask").prints(0, "137"));
    rows.add(process("nice value").state("nice 5").perl("print getpriority 0, 0").prints(0, "5"));
    rows.add(
        process("CPU affinity")
            .state("processor 1")
            .perl(status("Cpus_allowed"))
            .prints(0, "Cpus_allowed:\\s+0*2\n"));
    rows.add(
        process("uid, gid and supplementary groups")
            .state("groups 4 24 1234567")
            .perl(status("Uid|Gid|Groups"))
            .prints(0, "Uid:(\\s+0){4}\nGid:(\\s+0){4}\nGroups:\\s+4 24 1234567 \n"));
    rows.add(
        process("signal mask")
            .state("signals 200 0")
            .perl(status("SigBlk"))
            .prints(0, "SigBlk:\\s+0000000000000200\n"));
    rows.add(
        process("ignored signals")
            .state("signals 0 1003")
            .command("/bin/cat", "/proc/self/status")
            .prints(0, ".*SigIgn:\\s+0000000000001003\n.*"));
    rows.add(
        process("ignored SIGCHLD")
            .state("signals 0 10000")
            .command("/bin/cat", "/proc/self/status")
            .prints(0, ".*SigIgn:\\s+0000000000010000\n.*"));
    rows.add(
        process("limit of open files")
            .state("limit 7 77 999")
            .perl(
                "open F, '/proc/self/limits'; for (<F>) { print \"$1 $2\" if /^Max open files +(\\d+) +(\\d+)/ }")
            .prints(0, "77 999"));
    rows.add(
        process("limit of the stack")
            .state("limit 3 3145728 1073741824")
            .perl(
                "open F, '/proc/self/limits'; for (<F>) { print \"$1 $2\" if /^Max stack size +(\\d+) +(\\d+)/ }")
            .prints(0, "3145728 1073741824"));
    rows.add(
        process("limit of CPU time")
            .state("limit 0 1000 2000")
            .perl(
                "open F, '/proc/self/limits'; for (<F>) { print \"$1 $2\" if /^Max cpu time +(\\d+) +(\\d+)/ }")
            .prints(0, "1000 2000"));
    rows.add(
        process("own process group and session")
            .state("own_session")
            .perl("print getpgrp == $$ ? 'leader' : 'member'")
            .prints(0, "leader"));
    rows.add(
        process("process ID and parent")
            .perl("open F, \"/proc/\" . getppid . \"/comm\"; print <F>")
            .prints(0, "java\n"));
    rows.add(
        process("pending alarm")
            .state("alarm 1000")
            .perl("print alarm(0) > 900 ? 'kept' : 'lost'")
            .prints(0, "kept"));
    rows.add(
        process("timer slack")
            .state("timer_slack 123456")
            .command("/bin/cat", "/proc/self/timerslack_ns")
            .prints(0, "123456\n"));
    rows.add(
        process("OOM score adjustment")
            .state("oom 321")
            .command("/bin/cat", "/proc/self/oom_score_adj")
            .prints(0, "321\n"));
    rows.add(
        process("hostname, network, kernel")
            .perl(
                "use POSIX; my @u = POSIX::uname(); print \"$u[1] $u[2] \"; print readlink '/proc/self/ns/net'")
            .prints(0, "\\S+ \\S+ net:\\[\\d+]"));
    rows.add(
        process("no_new_privs that the caller has set")
            .state("no_new_privileges")
            .perl(status("NoNewPrivs"))
            .prints(0, "NoNewPrivs:\\s+1\n"));
    return rows;
  }

  private static List<Situation> files() {
    List<Situation> rows = new ArrayList<>();
    String probe =
        "for my $n (3 .. 9) { print \"$n \" if -e \"/proc/$$/fd/$n\" && !(readlink(\"/proc/$$/fd/$n\") =~ /slurm_script|proc/) }";
    rows.add(
        Situation.of("open files", "a file descriptor of the caller")
            .state("open 7 " + Driver.hex("/etc/passwd") + " 0 4")
            .perl("open(my $f, '<&=7') or die; sysseek($f, 0, 1) == 4 or die; print 'there'")
            .prints(0, "there"));
    rows.add(Situation.of("open files", "none of ours").perl(probe).prints(0, ""));
    rows.add(
        Situation.of("open files", "standard input where the caller stopped")
            .input("0123456789\n")
            .command("cat")
            .prints(0, "0123456789\n"));
    rows.add(
        Situation.of("open files", "closed standard input")
            .state("close 0")
            .command("sh", "-c", "[ -e /proc/$$/fd/0 ] && echo open || echo closed")
            .prints(0, "closed\n"));
    return rows;
  }

  private static Situation environment(String name) {
    return Situation.of("environment", name);
  }

  private static List<Situation> environment() {
    List<Situation> rows = new ArrayList<>();
    String show =
        "for (sort keys %ENV) { print \"$_=\", unpack('H*', $ENV{$_}), \"\\n\" if /^(V_|BASH_FUNC)/ }";
    rows.add(
        environment("a variable")
            .with("V_A=some value")
            .perl(show)
            .prints(0, "V_A=736f6d652076616c7565\n"));
    rows.add(environment("an empty variable").with("V_E=").perl(show).prints(0, "V_E=\n"));
    rows.add(
        environment("a value that is not UTF-8")
            .with("V_N=\u00ff\u0080")
            .perl(show)
            .prints(0, "V_N=ff80\n"));
    rows.add(
        environment("an exported shell function")
            .with("BASH_FUNC_module%%=() { :; }")
            .perl(show)
            .prints(0, "BASH_FUNC_module%%=" + Driver.hex("() { :; }") + "\n"));
    rows.add(
        environment("variables aimed at a JVM, Perl and the loader")
            .with(
                "JAVA_TOOL_OPTIONS=-Xmx512m",
                "V_P=1",
                "PERL5LIB=/nowhere",
                "LD_LIBRARY_PATH=/nowhere")
            .perl("print \"$_=$ENV{$_}\\n\" for qw(LD_LIBRARY_PATH PERL5LIB)")
            .prints(0, "LD_LIBRARY_PATH=/nowhere\nPERL5LIB=/nowhere\n"));
    rows.add(
        environment("SYSCHROOT_IMAGE is set, and an inherited one replaced")
            .with("SYSCHROOT_IMAGE=other")
            .perl("print $ENV{SYSCHROOT_IMAGE}")
            .prints(0, "c\\d+"));
    rows.add(
        environment("environment.set of the image")
            .settings("[environment]\nset = { V_SET = \"by image\" }")
            .with("V_SET=by caller")
            .perl("print $ENV{V_SET}")
            .prints(0, "by image"));
    rows.add(
        environment("$PWD").in("/tmp").with("PWD=/tmp").perl("print $ENV{PWD}").prints(0, "/tmp"));
    rows.add(
        environment("a variable that the command line sets")
            .options("--env", "V_O=1")
            .perl(show)
            .prints(0, "V_O=31\n"));
    return rows;
  }

  private static List<Situation> arguments() {
    List<Situation> rows = new ArrayList<>();
    String show = "print unpack('H*', $_), ' ' for @ARGV";
    rows.add(
        Situation.of("arguments", "blanks, quotes and options")
            .perl(show, "a b", "'\"$", "--user", "-v")
            .prints(0, "612062 272224 2d2d75736572 2d76 "));
    rows.add(Situation.of("arguments", "an empty one").perl(show, "", "x").prints(0, " 78 "));
    rows.add(
        Situation.of("arguments", "bytes that are not UTF-8, line ends")
            .perl(show, "\u00ff\u0001", "a\nb")
            .prints(0, "ff01 610a62 "));
    return rows;
  }

  private static Situation directory(String name) {
    return Situation.of("directory", name);
  }

  private static final String PRINT_DIRECTORY = "print readlink '/proc/self/cwd'";

  private static List<Situation> directories() {
    List<Situation> rows = new ArrayList<>();
    String missing = "cannot enter /opt/missing in the image: No such file or directory";
    rows.add(directory("the same path inside").in("/tmp").perl(PRINT_DIRECTORY).prints(0, "/tmp"));
    rows.add(
        directory("a name that is not UTF-8, with a line end")
            .in("@odd-\u00ff\n")
            .perl("print unpack('H*', readlink '/proc/self/cwd')")
            .prints(0, "2f746d702f.*" + Driver.hex("/odd-\u00ff\n")));
    rows.add(
        directory("missing, cwd = \"same-or-fail\", a command")
            .prepared(OPT)
            .in("/opt/missing")
            .perl(PRINT_DIRECTORY)
            .refusedWith(125, missing));
    rows.add(
        directory("missing, cwd = \"home\", a command")
            .settings("cwd = \"home\"")
            .prepared(OPT)
            .in("/opt/missing")
            .perl(PRINT_DIRECTORY)
            .refusedWith(125, missing));
    rows.add(
        directory("missing, cwd = \"root\", a command")
            .settings("cwd = \"root\"")
            .prepared(OPT)
            .in("/opt/missing")
            .perl(PRINT_DIRECTORY)
            .refusedWith(125, missing));
    rows.add(
        directory("missing, cwd = \"home\", a shell")
            .settings("cwd = \"home\"")
            .prepared(OPT)
            .in("/opt/missing")
            .input("pwd\n")
            .expects("status 0\nout: /tmp\n\nerr: syschroot: [^\n]*/opt/missing[^\n]*\n"));
    rows.add(
        directory("missing, cwd = \"root\", a shell")
            .settings("cwd = \"root\"")
            .prepared(OPT)
            .in("/opt/missing")
            .input("pwd\n")
            .expects("status 0\nout: /\n\nerr: syschroot: [^\n]*/opt/missing[^\n]*\n"));
    rows.add(
        directory("another one of the same name")
            .in("/srv/same")
            .prepared(SRV)
            .perl(PRINT_DIRECTORY)
            .expects(
                "status 0\nout: /srv/same\nerr: syschroot: c\\d+: /srv/same in the image is not /srv/same of the host: files you write here stay in the image\n"));
    rows.add(
        directory("another one of the same name, cwd = \"same\"")
            .settings("cwd = \"same\"")
            .in("/srv/same")
            .prepared(SRV)
            .perl(PRINT_DIRECTORY)
            .expects("status 125\nout: \nerr: syschroot: c\\d+: [^\n]*/srv/same.*"));
    rows.add(
        directory("reached by a symbolic link of the host")
            .mounts("[\"standard\", \"/mnt/data:/mnt/hl\"]")
            .in("/mnt/hl")
            .with("PWD=/mnt/hl")
            .perl(PRINT_DIRECTORY)
            .prints(0, "/mnt/hl"));
    rows.add(
        directory("deleted")
            .in("@deleted")
            .state("remove_directory @deleted")
            .perl(PRINT_DIRECTORY)
            // A shell says so of itself.
            .expects("status 125\nout: \nerr: (sh: [^\n]*\n)?syschroot: .*"));
    rows.add(
        directory("named by --directory")
            .options("--directory", "/srv")
            .perl(PRINT_DIRECTORY)
            .prints(0, "/srv"));
    return rows;
  }

  /** A directory of the host only. The host's own is hidden, not changed. */
  private static final String OPT = "mount -t tmpfs none /opt; mkdir /opt/missing";

  private static final String SRV = "mount -t tmpfs none /srv; mkdir -m 1777 /srv/same";

  private static List<Situation> shells() {
    List<Situation> rows = new ArrayList<>();
    String who = "readlink /proc/$$/exe\n";
    rows.add(
        Situation.of("shell", "$SHELL of the caller")
            .with("SHELL=/bin/bash")
            .input(who)
            .prints(0, "(/usr)?/bin/bash\n"));
    rows.add(
        Situation.of("shell", "$SHELL in its spelling of merged /usr")
            .with("SHELL=/usr/bin/bash")
            .input(who)
            .prints(0, "(/usr)?/bin/bash\n"));
    rows.add(
        Situation.of("shell", "$SHELL that the image lacks")
            .with("SHELL=/bin/zsh")
            .input(who)
            .prints(0, "(/usr)?/bin/dash\n"));
    rows.add(
        Situation.of("shell", "$SHELL that is no path")
            .with("SHELL=bash")
            .input(who)
            .prints(0, "(/usr)?/bin/dash\n"));
    rows.add(Situation.of("shell", "no $SHELL").input(who).prints(0, "(/usr)?/bin/dash\n"));
    rows.add(
        Situation.of("shell", "the image's own setting")
            .settings("shell = \"/bin/bash\"")
            .with("SHELL=/bin/sh")
            .input(who)
            .prints(0, "(/usr)?/bin/bash\n"));
    rows.add(
        Situation.of("shell", "a command line")
            .command("sh", "-c", "echo $0 $1", "zero", "one")
            .prints(0, "zero one\n"));
    return rows;
  }

  private static Situation search(String name) {
    return Situation.of("search", name);
  }

  private static List<Situation> search() {
    List<Situation> rows = new ArrayList<>();
    rows.add(search("along PATH").command("uname", "-s").prints(0, "Linux\n"));
    rows.add(
        search("PATH unset, program in /usr/local/bin")
            .without("PATH")
            .command("localprogram")
            .prints(0, "local\n"));
    rows.add(
        search("an empty PATH element is the working directory")
            .with()
            .without("PATH")
            .with("PATH=/nowhere:")
            .in("@")
            .command("inhere")
            .prints(0, "here\n"));
    rows.add(search("a relative name").in("@").command("./inhere").prints(0, "here\n"));
    rows.add(search("a script").command("shellscript", "a").prints(0, "script a\n"));
    rows.add(search("a text program without #!").command("textprogram", "a").prints(0, "text a\n"));
    rows.add(
        search("not found")
            .command("nosuchprogram")
            .expects("status 127\nout: \nerr: .*nosuchprogram.*"));
    rows.add(
        search("not found, an absolute path")
            .command("/usr/bin/nosuchprogram")
            .expects("status 127\nout: \nerr: .*nosuchprogram.*"));
    rows.add(
        search("not executable")
            .command("/usr/bin/notexecutable")
            .expects("status 126\nout: \nerr: .*notexecutable.*"));
    rows.add(
        search("a directory").command("/usr/bin").expects("status 126\nout: \nerr: .*/usr/bin.*"));
    rows.add(
        search("interpreter missing")
            .command("/usr/bin/orphan")
            .expects("status 12[67]\nout: \nerr: .*orphan.*"));
    return rows;
  }

  private static List<Situation> mounts() {
    List<Situation> rows = new ArrayList<>();
    String data = "[\"standard\", \"/mnt/data:/srv/real\"]";
    String read = "print -e '/srv/real/mark' ? 'image' : 'host'";
    rows.add(Situation.of("mounts", "up").mounts(data).perl(read).prints(0, "host"));
    rows.add(
        Situation.of("mounts", "down")
            .mounts(data)
            .prepared("umount \"$root/srv/real\"")
            .perl(read)
            .prints(0, "host"));
    rows.add(
        Situation.of("mounts", "something else on a target")
            .mounts(data)
            .prepared("umount \"$root/srv/real\"; mount -t tmpfs none \"$root/srv/real\"")
            .perl(read)
            .expects("status 125\nout: \nerr: syschroot: c\\d+: .*/srv/real.*"));
    rows.add(
        Situation.of("mounts", "a target that is a symbolic link in the image")
            .mounts("[\"standard\", \"/mnt/data:/srv/link\"]")
            .perl(
                "open F, '/proc/self/mountinfo'; my $n = grep { m{ /srv/real } } <F>; print $n; "
                    + read)
            .prints(0, "1host"));
    rows.add(
        Situation.of("mounts", "a missing source that is optional")
            .mounts("[\"standard\", \"/mnt/none:/srv/real:optional\"]")
            .perl(read)
            .prints(0, "image"));
    rows.add(
        Situation.of("mounts", "a mount of the command line")
            .options("--bind", "/mnt/data:/srv/real")
            .perl(read)
            .prints(0, "host"));
    return rows;
  }

  private static List<Situation> settings() {
    List<Situation> rows = new ArrayList<>();
    rows.add(
        Situation.of("settings", "the personality that the image's programs need")
            .command("uname", "-m")
            .prints(0, "i686\n"));
    rows.add(
        Situation.of("settings", "personality = \"linux32\"")
            .settings("personality = \"linux32\"")
            .command("uname", "-m")
            .prints(0, "i686\n"));
    rows.add(
        Situation.of("settings", "personality = [\"linux32\", \"uname26\"]")
            .settings("personality = [\"linux32\", \"uname26\"]")
            .command("uname", "-r")
            .prints(0, "2\\.6\\..*\n"));
    rows.add(
        Situation.of("settings", "nofile")
            .settings("nofile = 55")
            .state("limit 7 77 999")
            .perl(
                "open F, '/proc/self/limits'; for (<F>) { print \"$1 $2\" if /^Max open files +(\\d+) +(\\d+)/ }")
            .prints(0, "55 999"));
    rows.add(
        Situation.of("settings", "no-new-privileges")
            .settings("no-new-privileges = true")
            .perl(status("NoNewPrivs"))
            .prints(0, "NoNewPrivs:\\s+1\n"));
    rows.add(
        Situation.of("settings", "drop-capabilities")
            .settings("drop-capabilities = [\"sys_module\", \"sys_rawio\"]")
            .perl(
                "open F, '/proc/self/status'; for (<F>) { print hex(substr($1, 8)) >> 16 & 3 if /^CapBnd:\\s+(\\S+)/ }")
            .prints(0, "0"));
    rows.add(
        Situation.of("settings", "a user who is not among those of the image")
            .settings("users = [\"nobody\"]")
            .options("--user", "1:1")
            .perl(status("Uid"))
            .expects("status 125\nout: \nerr: syschroot: c\\d+: .*"));
    rows.add(
        Situation.of("settings", "another user by the command line")
            .options("--user", "65534:65534")
            .perl(status("Uid"))
            .prints(0, "Uid:(\\s+65534){4}\n"));
    return rows;
  }

  private static List<Situation> ends() {
    List<Situation> rows = new ArrayList<>();
    rows.add(
        Situation.of("end", "the command's status").command("sh", "-c", "exit 37").prints(37, ""));
    rows.add(
        Situation.of("end", "status 125 of the command's own")
            .command("sh", "-c", "exit 125")
            .prints(125, ""));
    rows.add(
        Situation.of("end", "a deadly signal")
            .command("sh", "-c", "kill -TERM $$")
            .expects("status 143\nout: \nerr: (Terminated\n)?"));
    rows.add(
        Situation.of("end", "standard error is the command's")
            .command("sh", "-c", "echo to error >&2")
            .expects("status 0\nout: \nerr: to error\n"));
    return rows;
  }
}
