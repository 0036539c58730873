#pragma once

/// Between these two lines bounds are checked by the reader, not by clang's -Wunsafe-buffer-usage: where C interfaces
/// hand out a pointer and a size. Each use says why it is good.
#ifdef __clang__
#define PADLOCK_UNSAFE_BUFFERS_BEGIN _Pragma("clang unsafe_buffer_usage begin")
#define PADLOCK_UNSAFE_BUFFERS_END _Pragma("clang unsafe_buffer_usage end")
#else
#define PADLOCK_UNSAFE_BUFFERS_BEGIN
#define PADLOCK_UNSAFE_BUFFERS_END
#endif
