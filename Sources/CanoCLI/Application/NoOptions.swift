public import ArgumentParser

/// The options of an application that adds none.
public struct NoOptions: ParsableArguments {
    /// Creates them.
    public init() {}
}
