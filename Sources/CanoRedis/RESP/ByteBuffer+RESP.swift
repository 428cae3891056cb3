import NIOCore

extension ByteBuffer {
    /// Writes `$<length>\r\n<bytes>\r\n` with one capacity check.
    mutating func writeArgument(_ bytes: UnsafeRawBufferPointer) {
        // `$`, twenty digits and two line ends are the most that framing can take.
        _ = writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + 25) { target in
            var offset = target.writeHeader(UInt8(ascii: "$"), bytes.count, at: 0)
            if let source = bytes.baseAddress, let base = target.baseAddress {
                (base + offset).copyMemory(from: source, byteCount: bytes.count)
                offset += bytes.count
            }
            return target.writeLineEnd(at: offset)
        }
    }

    /// Writes a number as an argument: its decimal form with its length in front.
    mutating func writeArgument(decimal number: Int64) {
        _ = writeWithUnsafeMutableBytes(minimumWritableBytes: 48) { target in
            let magnitude = number.magnitude
            let digits = magnitude.decimalDigitCount
            var offset = target.writeHeader(UInt8(ascii: "$"), digits + (number < 0 ? 1 : 0), at: 0)
            if number < 0 {
                target[offset] = UInt8(ascii: "-")
                offset += 1
            }
            offset = target.writeDigits(magnitude, count: digits, at: offset)
            return target.writeLineEnd(at: offset)
        }
    }

    /// Writes `*<count>\r\n`.
    mutating func writeArrayHeader(_ count: Int) {
        _ = writeWithUnsafeMutableBytes(minimumWritableBytes: 24) { target in
            target.writeHeader(UInt8(ascii: "*"), count, at: 0)
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes a type byte, a count and a line end; returns the offset after them.
    fileprivate func writeHeader(_ type: UInt8, _ count: Int, at offset: Int) -> Int {
        self[offset] = type
        let magnitude = count.magnitude
        let end = writeDigits(UInt64(magnitude), count: UInt64(magnitude).decimalDigitCount, at: offset + 1)
        return writeLineEnd(at: end)
    }

    fileprivate func writeDigits(_ number: UInt64, count: Int, at offset: Int) -> Int {
        var rest = number
        var position = offset + count
        repeat {
            position -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            self[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        return offset + count
    }

    fileprivate func writeLineEnd(at offset: Int) -> Int {
        self[offset] = UInt8(ascii: "\r")
        self[offset + 1] = UInt8(ascii: "\n")
        return offset + 2
    }
}

extension UInt64 {
    var decimalDigitCount: Int {
        var count = 1
        var rest = self
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}
