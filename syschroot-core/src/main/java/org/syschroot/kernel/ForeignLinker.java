// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The linker of {@code java.lang.foreign}, by reflection: what is compiled for Java 17 has it on 22
 * and later, whichever JDK built it. Only the handles are made so; calling them is plain code.
 * Immutable.
 */
final class ForeignLinker {
  private static final int WORDS = 6;

  private final MethodHandles.Lookup lookup = MethodHandles.lookup();
  private final Class<?> segmentType = type("MemorySegment");
  private final Class<?> layoutType = type("MemoryLayout");
  private final Class<?> functionType = type("FunctionDescriptor");
  private final Class<?> linkerType = type("Linker");
  private final Class<?> optionType = type("Linker$Option");
  private final Class<?> optionsType = optionType.arrayType();
  private final Object linker;
  private final Object symbols;
  private final Object sixWords;

  /** Finds what the running JDK has. */
  ForeignLinker() throws ReflectiveOperationException {
    linker = linkerType.getMethod("nativeLinker").invoke(null);
    symbols = linkerType.getMethod("defaultLookup").invoke(linker);
    Object word = type("ValueLayout").getField("JAVA_LONG").get(null);
    Object words = Array.newInstance(layoutType, WORDS);
    for (int i = 0; i < WORDS; i++) {
      Array.set(words, i, word);
    }
    sixWords =
        functionType.getMethod("of", layoutType, layoutType.arrayType()).invoke(null, word, words);
  }

  private static Class<?> type(String name) throws ClassNotFoundException {
    return Class.forName("java.lang.foreign." + name);
  }

  /** Returns where a function of libc is, or 0 if there is none of that name. */
  long find(String name) {
    try {
      Optional<?> found = symbol(name);
      return found.isEmpty() ? 0 : (long) segmentType.getMethod("address").invoke(found.get());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("cannot look up " + name, e);
    }
  }

  private Optional<?> symbol(String name) throws ReflectiveOperationException {
    Method find = type("SymbolLookup").getMethod("find", String.class);
    return (Optional<?>) find.invoke(symbols, name);
  }

  /** Returns the function of six words at an address, {@code (long...) long}. */
  MethodHandle at(long address) throws ReflectiveOperationException {
    Object function = segmentType.getMethod("ofAddress", long.class).invoke(null, address);
    Object options = Array.newInstance(optionType, 0);
    return (MethodHandle)
        linkerType
            .getMethod("downcallHandle", segmentType, functionType, optionsType)
            .invoke(linker, function, sixWords, options);
  }

  /**
   * Returns any function of six words, {@code (long address, long...) long}.
   *
   * @throws InvocationTargetException if this JVM denies native access
   */
  MethodHandle ofAnyAddress() throws ReflectiveOperationException {
    MethodHandle function =
        (MethodHandle)
            linkerType
                .getMethod("downcallHandle", functionType, optionsType)
                .invoke(linker, sixWords, Array.newInstance(optionType, 0));
    return MethodHandles.filterArguments(function, 0, segmentOfAddress());
  }

  private MethodHandle segmentOfAddress() throws ReflectiveOperationException {
    return lookup.findStatic(
        segmentType, "ofAddress", MethodType.methodType(segmentType, long.class));
  }

  /** Returns {@code (ByteBuffer) Object}, the segment of a direct buffer. */
  MethodHandle segmentOfBuffer() throws ReflectiveOperationException {
    return lookup
        .findStatic(segmentType, "ofBuffer", MethodType.methodType(segmentType, Buffer.class))
        .asType(MethodType.methodType(Object.class, ByteBuffer.class));
  }

  /** Returns {@code (Object segment) long}, where it begins. */
  MethodHandle addressOfSegment() throws ReflectiveOperationException {
    return lookup
        .findVirtual(segmentType, "address", MethodType.methodType(long.class))
        .asType(MethodType.methodType(long.class, Object.class));
  }

  /** Returns {@code (long address, long size) ByteBuffer}. */
  MethodHandle bufferOfMemory() throws ReflectiveOperationException {
    MethodHandle sized =
        lookup.findVirtual(
            segmentType, "reinterpret", MethodType.methodType(segmentType, long.class));
    MethodHandle buffer =
        lookup.findVirtual(segmentType, "asByteBuffer", MethodType.methodType(ByteBuffer.class));
    return MethodHandles.filterReturnValue(
        MethodHandles.filterArguments(sized, 0, segmentOfAddress()), buffer);
  }
}
