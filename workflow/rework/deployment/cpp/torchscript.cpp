// Loads a module of TorchScript and prints what it makes of some inputs, without Python.
#include "numbers.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

int main(int count, char** words) {
  return run(count, words, [](const char* file, const at::Tensor& inputs) {
    torch::jit::Module model = torch::jit::load(file);
    model.eval();
    return model.forward({inputs}).toTensor();
  });
}
