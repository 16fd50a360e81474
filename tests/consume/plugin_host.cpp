// A host that exports its symbols, uses syncdex, and loads a plugin with another copy of it.
#include <dlfcn.h>
#include <syncdex/syncdex.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2 || !syncdex::Catalog::load("{\"id\":\"1\"}")) return 1;
  void* const library = dlopen(argv[1], RTLD_NOW);
  if (library == nullptr) return std::puts(dlerror()), 1;
  reinterpret_cast<void (*)()>(dlsym(library, "plugin"))();
  return 0;
}
