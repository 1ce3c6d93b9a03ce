package io.tritmill.jobs.storage;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component that JSON may leave out or have as null, or a record of such: it is then null, 0 or
 * false. {@link Json#read} refuses a document that lacks any other.
 */
@Target({ElementType.TYPE, ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface MayBeMissing {}
