import Synchronization

extension Error {
    /// The error, when it is one of the engine's. Its type is compared first, for a cast asks the runtime.
    @usableFromInline var asCanoError: CanoError? {
        Self.self == CanoError.self ? unsafeBitCast(self, to: CanoError.self) : self as? CanoError
    }

    /// How long to wait before another attempt, which the retry mode allows after that delay; `nil` when none makes sense.
    ///
    /// Answers what the ``CanoError`` around the error would, and doesn't describe the error for that.
    @usableFromInline func pauseBeforeRetry(_ delay: Duration) -> Duration? {
        if Self.self == CanoError.self {
            let error = unsafeBitCast(self, to: CanoError.self)
            return error.isRetryable ? error.retryAfter ?? delay : nil
        }
        let type = UInt(bitPattern: ObjectIdentifier(Self.self))
        if lastPlainType.load(ordering: .relaxed) == type { return delay }
        if let error = self as? CanoError { return error.isRetryable ? error.retryAfter ?? delay : nil }
        if self is any TerminalError || self is CancellationError { return nil }
        if let pause = (self as? any RetryAfterError)?.retryAfter { return pause }
        // What an error is that another language made depends on more than its type.
        if !(Self.self is AnyClass), Self.self != (any Error).self { lastPlainType.store(type, ordering: .relaxed) }
        return delay
    }
}

/// The type of the last error that says nothing of its own about attempts: those of one batch are mostly of one type, and what a type
/// conforms to never changes.
private let lastPlainType = Atomic<UInt>(0)
