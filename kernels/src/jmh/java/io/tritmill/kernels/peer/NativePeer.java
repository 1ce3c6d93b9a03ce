package io.tritmill.kernels.peer;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/** The functions of {@code ternary.c}, compiled for this processor when they are first needed. */
@SuppressWarnings("restricted") // Functions in C are what it is for.
final class NativePeer {
  private static final SymbolLookup LIBRARY = compile();

  private NativePeer() {}

  /** A function without result. */
  static MethodHandle function(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
  }

  private static SymbolLookup compile() {
    try (InputStream source = NativePeer.class.getResourceAsStream("ternary.c")) {
      Path folder = Files.createTempDirectory("peer");
      Path code = folder.resolve("ternary.c");
      Path library = folder.resolve("ternary.so");
      Files.copy(source, code);
      String[] command = {
        "gcc",
        "-O3",
        "-march=native",
        "-ffast-math",
        "-shared",
        "-fPIC",
        "-o",
        library.toString(),
        code.toString()
      };
      int status = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("gcc ended with " + status);
      }
      SymbolLookup functions = SymbolLookup.libraryLookup(library, Arena.global());
      Files.delete(code);
      Files.delete(library);
      Files.delete(folder);
      return functions;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("The peer needs gcc", e);
    }
  }
}
