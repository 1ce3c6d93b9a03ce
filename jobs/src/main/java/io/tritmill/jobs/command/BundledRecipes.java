package io.tritmill.jobs.command;

import io.tritmill.jobs.recipe.RecipeParser;
import java.util.Iterator;

/** The names of the bundled recipes, for the help of an option and for shells that complete it. */
final class BundledRecipes implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return RecipeParser.bundled().iterator();
  }
}
