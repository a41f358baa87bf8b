// What both programs share: pictures from a file of raw numbers, and outputs as text that holds every digit.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

// The tensor of a file of float32 numbers; `numbers` owns its memory.
inline at::Tensor read_tensor(const char* path, const std::vector<std::int64_t>& shape, std::vector<float>& numbers) {
  std::int64_t count = 1;
  for (const auto size : shape) {
    if (size < 1 || size > 100'000'000 / count) throw std::runtime_error("a size of the inputs is out of range");
    count *= size;
  }
  numbers.resize(count);
  std::ifstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::streamsize>(count * sizeof(float));
  if (!file.read(reinterpret_cast<char*>(numbers.data()), bytes) || file.peek() != std::ifstream::traits_type::eof())
    throw std::runtime_error(std::string(path) + ": expected " + std::to_string(bytes) + " bytes");
  return at::from_blob(numbers.data(), shape, at::kFloat);
}

// One line for each example; nine significant digits name a float32 exactly.
inline void print_rows(const at::Tensor& outputs) {
  const auto rows = outputs.contiguous();
  const float* number = rows.const_data_ptr<float>();
  for (std::int64_t row = 0; row < rows.size(0); ++row)
    for (std::int64_t column = 0, columns = rows.size(1); column < columns; ++column)
      std::printf("%.9g%c", *number++, column + 1 < columns ? ' ' : '\n');
}

// Runs `model` on the inputs that the command line names: MODEL INPUTS SIZE..., the shape with the batch first.
template <typename Model>
int run(int count, char** words, Model model) {
  if (count < 4) return std::fprintf(stderr, "usage: %s MODEL INPUTS SIZE...\n", words[0]), 2;
  try {
    std::vector<std::int64_t> shape;
    for (int word = 3; word < count; ++word) shape.push_back(std::atoll(words[word]));
    std::vector<float> numbers;
    print_rows(model(words[1], read_tensor(words[2], shape, numbers)));
  } catch (const c10::Error& error) {
    return std::fprintf(stderr, "%s\n", error.what_without_backtrace()), 1;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  return 0;
}
