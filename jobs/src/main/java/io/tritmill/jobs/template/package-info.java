/**
 * Templates of chats: the part of the language Jinja that published models use, read and rendered.
 *
 * <p>Templates come with models of strangers. Here: values that are null, booleans, numbers, text,
 * lists and maps, and a fixed set of functions over them; a template can neither reach an object of
 * the program nor run or grow without end. Not here: what a template is rendered for, files.
 */
package io.tritmill.jobs.template;
