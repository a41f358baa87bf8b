// Loads a package that AOTInductor compiled and prints what it makes of some inputs, without Python.
#include "numbers.h"

#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

int main(int count, char** words) {
  return run(count, words, [](const char* file, const at::Tensor& inputs) {
    torch::inductor::AOTIModelPackageLoader model(file);
    return model.run({inputs}).at(0);
  });
}
