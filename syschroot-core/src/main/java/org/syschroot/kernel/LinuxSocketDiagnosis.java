// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** {@link SocketDiagnosis} of the running Linux kernel. Thread-safe. */
public final class LinuxSocketDiagnosis implements SocketDiagnosis {
  private static final int AF_UNIX = 1;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_NONBLOCK = OpenFlags.O_NONBLOCK;
  private static final int NETLINK_SOCK_DIAG = 4;
  private static final int LONGEST_PATH = 108; // sun_path

  // struct nlmsghdr and struct unix_diag_req, linux/netlink.h and linux/unix_diag.h.
  private static final int REQUEST_BYTES = 16 + 24;
  private static final short SOCK_DIAG_BY_FAMILY = 20;
  private static final short REQUEST_ALL = 0x301; // NLM_F_REQUEST | NLM_F_DUMP
  private static final int SHOW_VFS = 2;
  private static final int ALL = -1;
  private static final int BUFFER = 64 * 1024;

  private final RawCalls raw = RawCalls.running();
  private final Kernel kernel = LinuxKernel.running();

  private LinuxSocketDiagnosis() {}

  /** Returns the diagnosis of the kernel that this JVM runs on. */
  public static SocketDiagnosis running() {
    return Holder.DIAGNOSIS;
  }

  private static final class Holder {
    static final LinuxSocketDiagnosis DIAGNOSIS = new LinuxSocketDiagnosis();
  }

  @Override
  public List<BoundSocket> bound() throws KernelException {
    int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, "AF_NETLINK, SOCK_RAW");
    try {
      kernel.write(netlink, request());
      List<BoundSocket> bound = new ArrayList<>();
      SocketListing listing = new SocketListing(bound);
      boolean more = true;
      while (more) {
        more = listing.add(receive(netlink));
      }
      return List.copyOf(bound);
    } finally {
      kernel.close(netlink);
    }
  }

  private static byte[] request() {
    ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES).order(ByteOrder.nativeOrder());
    request.putInt(REQUEST_BYTES).putShort(SOCK_DIAG_BY_FAMILY).putShort(REQUEST_ALL);
    request.putInt(0).putInt(0); // sequence, port
    request.put((byte) AF_UNIX).put((byte) 0).putShort((short) 0); // family, protocol, padding
    request.putInt(ALL).putInt(0).putInt(SHOW_VFS); // states, inode, what to show
    request.putInt(ALL).putInt(ALL); // no cookie
    return request.array();
  }

  /** Not by Kernel.read, which goes on until it has as much as it was asked for. */
  private byte[] receive(int netlink) throws KernelException {
    Slice buffer = ThreadScratch.get().take(BUFFER);
    long count;
    do {
      count = raw.call(SystemCall.READ.number(), netlink, buffer.address(), BUFFER, 0, 0);
    } while (count == -Errno.EINTR.number());
    if (count < 0) {
      throw new KernelException("read", "fd=" + netlink, (int) -count);
    }
    byte[] bytes = new byte[(int) count];
    buffer.bytes().get(0, bytes);
    return bytes;
  }

  private int socket(int family, int type, int protocol, String arguments) throws KernelException {
    long fd =
        raw.call(SystemCall.SOCKET.number(), family, type | OpenFlags.O_CLOEXEC, protocol, 0, 0);
    if (fd < 0) {
      throw new KernelException("socket", arguments, (int) -fd);
    }
    return (int) fd;
  }

  @Override
  public int connect(OsString address) throws KernelException {
    try {
      return connect(SOCK_DGRAM, address);
    } catch (KernelException e) {
      if (!e.is(Errno.EPROTOTYPE)) {
        throw e;
      }
      return connect(SOCK_STREAM, address);
    }
  }

  private int connect(int type, OsString address) throws KernelException {
    if (address.length() >= LONGEST_PATH) {
      throw new KernelException("connect", "address=" + address, Errno.ENAMETOOLONG.number());
    }
    // Without SOCK_NONBLOCK, connect(2) waits for a listener that does not accept.
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK, 0, "AF_UNIX");
    // struct sockaddr_un: behind an abstract name a NUL would be part of it, behind a path it is
    // not.
    int length = Short.BYTES + address.length() + 1;
    Slice name = ThreadScratch.get().take(length);
    name.bytes().putShort((short) AF_UNIX);
    address.putInto(name.bytes());
    name.bytes().put((byte) 0);
    if (isAbstract(address)) {
      name.bytes().put(Short.BYTES, (byte) 0);
      length--;
    }
    long result = raw.call(SystemCall.CONNECT.number(), fd, name.address(), length, 0, 0);
    if (result < 0) {
      kernel.close(fd);
      throw new KernelException("connect", "address=" + address, (int) -result);
    }
    return fd;
  }

  private static boolean isAbstract(OsString address) {
    return address.length() > 0 && address.at(0) == '@';
  }
}
