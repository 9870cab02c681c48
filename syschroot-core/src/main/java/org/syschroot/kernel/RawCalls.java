// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.lang.reflect.Field;

/**
 * syscall(2) and the few other functions of libc that are bound. Thread-safe.
 *
 * <p>Bound with jffi, the layer below jnr-ffi: an interface of jnr-ffi needs code generated at
 * every start or a proxy, and either takes 10 to 40 ms, more than all the calls of a switch.
 */
final class RawCalls {
  private static final String LIBRARY_PATH = "jffi.boot.library.path";
  private static final String LIBRARY = "/libjffi-1.2.so";
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_UNRESERVED = 0x2 | 0x20 | 0x4000;

  static {
    loadLibrary();
  }

  private final Invoker invoker = Invoker.getInstance();
  private final LastError lastError = LastError.getInstance();
  private final CallContext sixWords;
  private final long function;

  RawCalls() {
    Type word = Type.SINT64;
    boolean saveErrno = true;
    sixWords =
        new CallContext(
            word,
            new Type[] {word, word, word, word, word, word},
            CallingConvention.DEFAULT,
            saveErrno);
    function = address("syscall");
  }

  /** Returns the result of a system call with up to five arguments, or the negative errno. */
  long call(int number, long a, long b, long c, long d, long e) {
    long result = invoker.invokeN6(sixWords, function, number, a, b, c, d, e);
    // Between the call and the look at errno there must be no other native call.
    return result == -1 ? -lastError.get() : result;
  }

  /** Returns where a function of libc is. */
  static long address(String name) {
    return Library.getDefault().getSymbolAddress(name);
  }

  /** Returns new private memory that takes room only where it is used, mmap(2), or -1. */
  long map(long bytes) {
    return invoker.invokeN6(
        sixWords, address("mmap"), 0, bytes, PROT_READ_WRITE, MAP_PRIVATE_UNRESERVED, -1, 0);
  }

  /**
   * Returns what a function of libc returns that gives an errno as its result, or void: it takes up
   * to six words.
   */
  int invoke(long address, long a, long b, long c, long d, long e, long f) {
    return (int) invoker.invokeN6(sixWords, address, a, b, c, d, e, f);
  }

  /**
   * Loads jffi's library from where the start script says, past jffi's own loader: that one starts
   * java.util.logging first, which takes a sixth of our start-up time. Where this does not work,
   * with another release of jffi or without the start script, jffi does it by itself.
   */
  private static void loadLibrary() {
    String directory = System.getProperty(LIBRARY_PATH);
    if (directory == null) {
      return;
    }
    try {
      Field loaded = Class.forName("com.kenai.jffi.Init").getDeclaredField("loaded");
      loaded.setAccessible(true);
      System.load(directory + LIBRARY);
      loaded.setBoolean(null, true);
    } catch (ReflectiveOperationException | UnsatisfiedLinkError leaveItToJffi) {
      // Nothing is lost but time.
    }
  }
}
