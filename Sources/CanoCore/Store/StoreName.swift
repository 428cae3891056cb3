import CanoPrimitives

/// What a shared store may be called.
package enum StoreName {
    /// - Throws: ``CanoError/Category/configuration`` when the name is not 1 to 100 characters of `A-Za-z0-9._-`.
    package static func check(_ name: String) throws(CanoError) {
        guard Name.isValid(name) else {
            throw CanoError(
                .configuration, "no store can be called \"\(name.prefix(200))\": choose \(Name.rule)", isRetryable: false)
        }
    }
}
