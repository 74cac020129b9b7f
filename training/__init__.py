"""The recipe that made the bundled model: data to pairs, two phases of training, export, evaluation."""
