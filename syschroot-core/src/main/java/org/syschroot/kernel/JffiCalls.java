// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/**
 * Native calls by jffi, the layer below jnr-ffi: an interface of jnr-ffi needs code generated at
 * every start or a proxy, and either takes 10 to 40 ms, more than all the calls of a switch.
 * Thread-safe.
 */
final class JffiCalls extends RawCalls {
  private static final String LIBRARY = "/libjffi-1.2.so";

  private final Invoker invoker = Invoker.getInstance();
  private final LastError lastError = LastError.getInstance();
  private final MemoryIO memory = MemoryIO.getInstance();
  private final CallContext sixWords;
  private final long function;

  private JffiCalls() {
    Type word = Type.SINT64;
    boolean saveErrno = true;
    sixWords =
        new CallContext(
            word,
            new Type[] {word, word, word, word, word, word},
            CallingConvention.DEFAULT,
            saveErrno);
    function = find("syscall");
  }

  /**
   * Returns the calls, with jffi's library loaded.
   *
   * @throws UnsatisfiedLinkError if it cannot be
   */
  static RawCalls load() {
    loadLibrary();
    try {
      return new JffiCalls();
    } catch (LinkageError e) {
      UnsatisfiedLinkError failure =
          new UnsatisfiedLinkError(
              "cannot load jffi's native library, which it unpacks into "
                  + System.getProperty("java.io.tmpdir")
                  + " or the working directory: one of them must be writable and not mounted noexec."
                  + " Use -Djffi.extract.dir=DIR with another directory, or Java 22 or later, which"
                  + " unpacks nothing");
      failure.initCause(e);
      throw failure;
    }
  }

  @Override
  long call(int number, long a, long b, long c, long d, long e) {
    long result = invoker.invokeN6(sixWords, function, number, a, b, c, d, e);
    // Between the call and the look at errno there must be no other native call.
    return result == -1 ? -lastError.get() : result;
  }

  @Override
  long withoutMemory(SystemCall call, long a, long b, long c, long d) {
    return invoker.invokeN6(sixWords, function, call.number(), a, b, c, d, 0);
  }

  @Override
  long function(long address, long a, long b, long c, long d, long e, long f) {
    return invoker.invokeN6(sixWords, address, a, b, c, d, e, f);
  }

  @Override
  long find(String name) {
    return Library.getDefault().getSymbolAddress(name);
  }

  @Override
  long addressOf(ByteBuffer buffer) {
    return memory.getDirectBufferAddress(buffer);
  }

  @Override
  ByteBuffer buffer(long address, int size) {
    return memory.newDirectByteBuffer(address, size);
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
