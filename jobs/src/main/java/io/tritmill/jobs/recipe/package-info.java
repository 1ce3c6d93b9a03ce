/**
 * Recipes: what becomes of which tensor, as a person writes it in YAML.
 *
 * <p>Here: parsing with the place of every mistake, matching of tensor names, the canonical form
 * that is hashed. A new stage changes nothing here: its record is found by its class name. Not
 * here: checkpoints, plans, and what a stage computes.
 */
package io.tritmill.jobs.recipe;
