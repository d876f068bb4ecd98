/* A whole trace file: headers, index, every record kind, decoder and tracker behind them. */

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    fuzz_image(data, len);
    return 0;
}
