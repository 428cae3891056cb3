import Testing

/// The fuzzers, one after the other: they do nothing but compute, and the tests beside them have deadlines.
@Suite(.serialized) enum Fuzzing {}
